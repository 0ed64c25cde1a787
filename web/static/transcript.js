// What was said, in the order in which it is shown: entries `{key, role, text, at, state, checkout, sources}`.
// The lead's ("human") are waiting, sent or refused, the agent's ("ai") streaming, done or error.

import { lengthOf } from "./text.js";

const FAILED = { key: "failed", role: "ai", text: "", state: "error" };

export class Transcript {
  entries = [];

  constructor(opening) {
    this.entries.push({ key: "opening", role: "ai", text: opening, state: "done" });
  }

  /** Words of a reply are coming in. */
  get growing() {
    return this.entries.some(({ state, text }) => state === "streaming" && text);
  }

  /** A message that the server does not have yet. */
  add({ id, text, at }) {
    this.entries.push({ key: id, role: "human", text, at, state: "waiting" });
  }

  mark(key, state) {
    const entry = this.entries.find((known) => known.key === key);
    if (entry) entry.state = state; // another tab's message has none here
  }

  /** Takes a reply that failed away, and returns what it should have answered. */
  takeBack(key) {
    const at = this.entries.findIndex((entry) => entry.key === key);
    this.entries.splice(at, 1);
    return this.entries.slice(0, at).findLast(({ role }) => role === "human").text;
  }

  /** What was said is no more; what was not sent yet begins anew behind the opening. */
  restart() {
    this.entries = this.entries.filter(({ state }, at) => at === 0 || state === "waiting");
  }

  /** One event of the stream, at its place `[turn, attempt, position]`. */
  hear([turn, attempt, position], type, data) {
    const reply = this.#replyTo(turn);
    if (attempt > reply.attempt) Object.assign(reply, { attempt, position: 0, text: "" });
    if (attempt < reply.attempt) return;
    if (data.type === "reset") reply.text = "";
    if (data.type === "token") reply.text += unheard(data.content, position, reply.position);
    reply.position = Math.max(reply.position, position);
    if (type === "checkout") reply.checkout = data;
    if (type === "sources") reply.sources = data.sources;
    if (type === "done" || type === "error") reply.state = type;
  }

  /**
   * The server's messages stand; behind them what it does not have yet, and the reply of the turn that runs.
   * Keys are kept, so that nothing is drawn or read aloud again. Returns whether that reply was known.
   */
  adopt(messages, runningTurn) {
    const local = [...this.entries];
    const settled = messages.map(({ role, content, timestamp, message_id, checkout, sources }, index) => {
      const same = (entry) => entry.key === message_id || (entry.role === role && entry.text === content);
      const at = local.findIndex(same);
      const key = at < 0 ? (message_id ?? `message-${index}`) : local.splice(at, 1)[0].key;
      return { key, role, text: content, at: Date.parse(timestamp), state: "done", checkout, sources };
    });
    const running = local.filter(({ key }) => key === `turn-${runningTurn}`);
    // A message that nobody answers any more is one that the agent failed on.
    const failed = runningTurn === null && settled.at(-1)?.role === "human" ? [FAILED] : [];
    const waiting = local.filter(({ state }) => state === "waiting");
    this.entries = [...settled, ...running, ...failed, ...waiting];
    return running.length > 0;
  }

  /** Whether a link to pay is on the page. */
  get offersCheckout() {
    return this.entries.some(({ checkout }) => checkout);
  }

  #replyTo(turn) {
    const key = `turn-${turn}`;
    const known = this.entries.find((entry) => entry.key === key);
    if (known) return known;
    const reply = { key, role: "ai", text: "", at: Date.now(), state: "streaming", attempt: 0, position: 0 };
    this.entries.push(reply);
    return reply;
  }
}

/** The end of a token that ends at `position`, without what another stream already brought of it. */
function unheard(content, position, heard) {
  const known = heard - (position - lengthOf(content));
  return known > 0 ? [...content].slice(known).join("") : content;
}
