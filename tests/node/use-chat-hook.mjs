// The hook `useChat` in a React application: says what is written to its standard input, one message a line, and
// prints each state that it shows as a line of JSON. "cut" breaks the connection at the next text; "resume" reads on.
import { createInterface } from 'node:readline';
import { Window } from 'happy-dom';

const [url, code] = process.argv.slice(2);
const window = new Window();
for (const [name, value] of Object.entries({ window, document: window.document, navigator: window.navigator }))
  Object.defineProperty(globalThis, name, { value, configurable: true });

const { createElement, useEffect } = await import('react');
const { createRoot } = await import('react-dom/client');
const { Chat, useChat } = await import('@ai-sdk/react');
const { DefaultChatTransport } = await import('ai');

let token;
let cutting = false;

// Node keeps no cookies: the token goes back in the header that clients without cookies use.
async function remembering(input, init = {}) {
  const headers = new Headers(init.headers);
  if (token) headers.set('x-lead-token', token);
  const answer = await fetch(input, { ...init, headers });
  token = answer.headers.get('x-lead-token') ?? token;
  return cutting && answer.body ? new Response(answer.body.pipeThrough(cutter()), answer) : answer;
}

const cutter = () =>
  new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(chunk);
      if (!cutting || !new TextDecoder().decode(chunk).includes('text-delta')) return;
      cutting = false;
      setTimeout(() => controller.error(new TypeError('network error')), 50);
    },
  });

const transport = new DefaultChatTransport({
  api: `${url}/api/chat/ai-sdk`,
  body: { campaign_code: code, instagram_handle: 'hook_tester' },
  fetch: remembering,
});

// Given a whole chat, the hook knows that a resumed stream begins anew; given the transport alone, it does not.
const kept = new Chat({ id: 'a-chat-of-the-hook', transport });
let chat;

function App() {
  chat = useChat({ chat: kept });
  const { status, error, messages } = chat;
  useEffect(() => {
    console.log(JSON.stringify({ status, error: error?.message ?? null, messages }));
  }, [status, error, messages]);
  return messages.map((message) => createElement('p', { key: message.id }, message.role));
}

createRoot(window.document.body.appendChild(window.document.createElement('div'))).render(createElement(App));

for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'cut') cutting = true;
  else if (line === 'resume') chat.resumeStream();
  else chat.sendMessage({ text: line });
}
process.exit(0);
