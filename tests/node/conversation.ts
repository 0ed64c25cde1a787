// One conversation through a client that is generated from the API's document. Prints what it saw as JSON.
import createClient from 'openapi-fetch';
import type { components, paths } from './api';

declare const process: { argv: string[] };

type Answer = components['schemas']['ChatAnswer'];
const [url, code, token] = process.argv.slice(2) as [string, string, string];
const lead = createClient<paths>({ baseUrl: url });
const owner = createClient<paths>({ baseUrl: url, headers: { authorization: `Bearer ${token}` } });

async function say(message: string, lead_token?: string | null): Promise<Answer> {
  const body = { campaign_code: code, instagram_handle: '@typed', message, lead_token };
  const { data, error } = await lead.POST('/api/chat', { body });
  if (error) throw new Error(error.error.code);
  return data;
}

async function stream(message: string, lead_token: string): Promise<string> {
  const body = { campaign_code: code, instagram_handle: '@typed', message, lead_token };
  const { data, error } = await lead.POST('/api/chat/stream', { body, parseAs: 'stream' });
  if (error || !data) throw new Error(error?.error.code);
  return new Response(data).text();
}

const first = await say("Yes, I'm a fitness coach");
const second = await say('Strength coaching for busy dads', first.lead_token);
const streamed = await stream('What does it cost?', first.lead_token ?? '');
const { data: transcript } = await owner.GET('/api/conversations/{id}/transcript', {
  params: { path: { id: first.thread_id } },
});
const { error: refused } = await lead.POST('/api/chat', { body: { campaign_code: 'NOWHERE', message: 'Hi' } });

console.log(
  JSON.stringify({
    threads: [first.thread_id, second.thread_id],
    said: transcript?.messages.map((message) => message.role),
    stage: second.current_stage,
    streamed: streamed.includes('event: done'),
    refused: refused?.error.code,
  }),
);
