// One conversation through the real AI SDK: send twice, resume, regenerate. Prints what it saw as JSON.
import { isDeepStrictEqual } from 'node:util';
import { Chat } from '@ai-sdk/react';
import { DefaultChatTransport } from 'ai';

const [url, code] = process.argv.slice(2);
let token;

// Node keeps no cookies: the token goes back in the header that clients without cookies use.
const remembering = async (input, init = {}) => {
  const headers = new Headers(init.headers);
  if (token) headers.set('x-lead-token', token);
  const answer = await fetch(input, { ...init, headers });
  token = answer.headers.get('x-lead-token') ?? token;
  return answer;
};

const transport = new DefaultChatTransport({
  api: `${url}/api/chat/ai-sdk`,
  body: { campaign_code: code, instagram_handle: 'node_tester' },
  fetch: remembering,
});
const errors = [];
const chat = new Chat({ transport, onError: (error) => errors.push(String(error)) });

await chat.sendMessage({ text: "Yes, I'm a fitness coach" });
await chat.sendMessage({ text: 'Strength coaching for busy dads' });
const before = chat.messages.at(-1);
await chat.regenerate();
const resumed = await transport.reconnectToStream({ chatId: chat.id });

console.log(
  JSON.stringify({
    errors,
    status: chat.status,
    roles: chat.messages.map((message) => message.role),
    texts: chat.messages.map((m) => m.parts.filter((p) => p.type === 'text').map((p) => p.text).join('')),
    parts: [...new Set(chat.messages.flatMap((message) => message.parts.map((part) => part.type)))],
    thread: chat.messages.at(-1).metadata?.thread_id ?? null,
    stage: chat.messages.at(-1).metadata?.current_stage ?? null,
    regeneratedIsTheSame: isDeepStrictEqual(before.parts, chat.messages.at(-1).parts),
    nothingToResume: resumed === null,
  }),
);
