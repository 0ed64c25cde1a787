// The conversation and its line to the server. It decides what is sent, followed, fetched again and shown;
// the view draws it. One loop does all that can fail, one step at a time, and backs off when it does.

import { EventStream, Lost, Refused, fetchJson } from "./stream.js";
import { lengthOf, uuid } from "./text.js";

const CLOSED = { CAMPAIGN_NOT_FOUND: "unknown", CAMPAIGN_EXPIRED: "expired", CAMPAIGN_LIMIT_REACHED: "used_up" };

/** Milliseconds to wait after so many failures: doubling up to half a minute, and never all browsers at once. */
const backoff = (failures) => Math.min(30_000, 500 * 2 ** (failures - 1)) * (0.5 + Math.random());

/** An event id as `[turn, attempt, position]`. */
const place = (id) => id.split("-").map(Number);
const newer = (a, b) => (a[0] - b[0] || a[1] - b[1] || a[2] - b[2]) > 0;

export class Conversation {
  /** `{key, role: "human" | "ai", text, at, state, checkout}`; state: waiting, sent, refused, streaming, done. */
  entries = [];
  /** The lead was here before. */
  onKnown = () => {};
  /** A message was refused for good; its text goes back to who wrote it. */
  onUnsent = (_text) => {};
  #code;
  #store;
  #view;
  #thread = null;
  #streams = new Set();
  #last = ""; // id of the newest event
  #loaded = false;
  #behind = false; // a stream was lost: something may have been missed
  #closed = false;
  #failures = 0;
  #sendAfter = 0; // a rate limit's end, in milliseconds since the epoch
  #working = false;
  #wake = () => {};

  constructor(code, store, view, opening) {
    this.#code = code;
    this.#store = store;
    this.#view = view;
    this.entries.push({ key: "opening", role: "ai", text: opening, state: "done" });
    for (const message of store.outbox) this.#addUnsent(message);
  }

  start() {
    addEventListener("online", () => this.#refresh());
    addEventListener("offline", () => this.#offline());
    addEventListener("pageshow", (event) => event.persisted && this.#refresh());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#refresh());
    return this.#work();
  }

  say(text) {
    const message = { id: uuid(), text, at: Date.now() };
    this.#store.keep(message); // before it is sent, so that no reload loses it
    this.#view.toLatest();
    this.#addUnsent(message);
    return this.#retry();
  }

  /** Asks once more for what the reply with this key failed to answer. */
  again(key) {
    const at = this.entries.findIndex((entry) => entry.key === key);
    const asked = this.entries.slice(0, at).findLast((entry) => entry.role === "human");
    this.entries.splice(at, 1);
    return this.say(asked.text);
  }

  get typing() {
    const sending = this.#store.outbox.length > 0 && Date.now() >= this.#sendAfter;
    const speaking = this.entries.some((entry) => entry.state === "streaming" && entry.text);
    return (sending || this.#streams.size > 0) && !speaking && !this.#failures && !this.#closed;
  }

  // ---- the loop

  #retry() {
    this.#wake();
    return this.#work();
  }

  /** Another tab or another day may have gone on without this page. */
  #refresh() {
    if (!this.#streams.size && !this.#working) this.#loaded = false;
    return this.#retry();
  }

  #offline() {
    this.#streams.forEach((stream) => stream.close());
    this.#view.status("offline");
  }

  async #work() {
    if (this.#working) return;
    this.#working = true;
    for (let step; (step = this.#next()); ) {
      try {
        if (this.#failures) await this.#pause(backoff(this.#failures));
        await step.call(this);
      } catch (error) {
        if (!(error instanceof Lost) && error.status !== 429) throw error;
        this.#lost();
      }
    }
    this.#working = false;
  }

  #next() {
    if (this.#closed) return null;
    if (!this.#loaded) return this.#load;
    if (this.#behind && !this.#streams.size) return this.#catchUp;
    if (this.#store.outbox.length && Date.now() >= this.#sendAfter) return this.#send;
    return null;
  }

  #pause(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => resolve(clearTimeout(timer));
    });
  }

  #lost() {
    this.#failures += 1;
    this.#view.status(navigator.onLine ? "reconnecting" : "offline");
    this.#changed();
  }

  #reached() {
    if (Date.now() < this.#sendAfter) this.#view.wait(this.#sendAfter);
    else this.#view.status(null);
    this.#changed();
  }

  // ---- its steps

  async #load() {
    const history = await this.#history();
    this.#loaded = true;
    this.#behind = false;
    this.#failures = 0;
    if (history) this.#adopt(history);
    if (!this.#closed) this.#reached();
  }

  async #send() {
    const { id, text } = this.#store.outbox[0];
    const body = { campaign_code: this.#code, message: text, message_id: id };
    if (this.#store.handle) body.instagram_handle = this.#store.handle;
    if (this.#thread) body.thread_id = this.#thread;
    try {
      const headers = { "Content-Type": "application/json", Accept: "text/event-stream" };
      const stream = await EventStream.open("/api/chat/stream", { method: "POST", headers, body: JSON.stringify(body) });
      this.#store.drop(id);
      this.#mark(id, "sent");
      this.#thread = stream.thread;
      this.#follow(stream);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#refused(id, text, error);
    }
  }

  async #catchUp() {
    if (!this.#thread) return this.#load();
    const headers = this.#last ? { "Last-Event-ID": this.#last } : {};
    const path = `/api/chat/stream?thread_id=${encodeURIComponent(this.#thread)}`;
    try {
      const stream = await EventStream.open(path, { headers });
      if (!stream.empty) return void this.#follow(stream);
      stream.close();
    } catch (error) {
      if (!(error instanceof Refused) || error.status === 429) throw error;
    }
    await this.#load();
  }

  async #history() {
    try {
      return await fetchJson(`/api/chat/history?campaign_code=${encodeURIComponent(this.#code)}`);
    } catch (error) {
      if (!(error instanceof Refused) || error.status === 429) throw error;
      if (error.code in CLOSED) this.#close(error);
      return null;
    }
  }

  #refused(id, text, error) {
    if (error.code in CLOSED) {
      this.#close(error);
    } else if (error.status === 429) {
      this.#sendAfter = Date.now() + error.retryAfter * 1000;
      this.#view.wait(this.#sendAfter);
      setTimeout(() => this.#work(), error.retryAfter * 1000 + 100);
    } else if (error.status === 401 || error.status === 404) {
      this.#thread = null; // no longer this browser's: the same message begins a new one
      throw new Lost();
    } else {
      this.#store.drop(id);
      this.#mark(id, "refused");
      this.onUnsent(text);
    }
    this.#changed();
  }

  #close({ code, details }) {
    this.#closed = true;
    this.#view.close(details?.reason ?? CLOSED[code]);
    this.#changed();
  }

  // ---- what comes in

  /** Reads a stream to its end while the loop goes on. */
  async #follow(stream) {
    this.#streams.add(stream);
    this.#reached();
    try {
      for await (const event of stream.events()) this.#receive(event);
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      this.#behind = true;
      this.#lost();
    }
    this.#streams.delete(stream);
    this.#changed();
    this.#work();
  }

  #receive({ type, id, data }) {
    const [turn, attempt, position] = place(id);
    if (!this.#last || newer([turn, attempt, position], place(this.#last))) this.#last = id;
    this.#failures = 0;
    const reply = this.#replyTo(turn);
    if (attempt > reply.attempt) Object.assign(reply, { attempt, position: 0, text: "" });
    if (type === "message" && attempt === reply.attempt) hear(reply, position, data);
    if (type === "checkout") reply.checkout = data;
    if (type === "done") reply.state = "done";
    if (type === "error") this.#failed(reply, data.error);
    this.#changed();
  }

  #failed(reply, error) {
    // The turn itself goes on: whoever took it over tells the rest.
    if (error.code === "SERVICE_UNAVAILABLE") throw new Lost();
    reply.state = "error";
  }

  #replyTo(turn) {
    const key = `turn-${turn}`;
    const known = this.entries.find((entry) => entry.key === key);
    if (known) return known;
    const reply = { key, role: "ai", text: "", at: Date.now(), state: "streaming", attempt: 0, position: 0 };
    this.entries.push(reply);
    return reply;
  }

  /** The server's transcript stands; what it does not have yet stays behind it. Keys are kept, so nothing blinks. */
  #adopt({ thread_id, messages, running }) {
    const local = [...this.entries];
    const settled = messages.map(({ role, content, timestamp, message_id, checkout }, index) => {
      const same = (entry) => entry.key === message_id || (entry.role === role && entry.text === content);
      const at = local.findIndex(same);
      const key = at < 0 ? (message_id ?? `message-${index}`) : local.splice(at, 1)[0].key;
      return { key, role, text: content, at: Date.parse(timestamp), state: "done", checkout };
    });
    for (const { message_id } of messages) if (message_id) this.#store.drop(message_id);
    const opening = messages[0]?.role === "ai" ? [] : local.filter(({ key }) => key === "opening");
    const going = local.filter(({ key }) => running && key === `turn-${place(running.last_event_id)[0]}`);
    const unsent = local.filter(({ state }) => state === "waiting");
    this.entries = [...opening, ...settled, ...going, ...unsent];
    if (messages.length) this.onKnown();
    this.#thread = thread_id;
    this.#behind = Boolean(running);
    if (running && !going.length) this.#last = running.last_event_id;
  }

  #addUnsent({ id, text, at }) {
    this.entries.push({ key: id, role: "human", text, at, state: "waiting" });
    this.#changed();
  }

  #mark(key, state) {
    const entry = this.entries.find((known) => known.key === key);
    if (entry) entry.state = state; // another tab's message has none here
  }

  #changed() {
    this.#view.show(this);
  }
}

/** Adds a token that ends at `position`; what another stream already brought of it is cut off. */
function hear(reply, position, { type, content }) {
  if (type === "reset") reply.text = "";
  if (type === "token") {
    const known = reply.position - (position - lengthOf(content));
    reply.text += known > 0 ? [...content].slice(known).join("") : content;
  }
  reply.position = Math.max(reply.position, position);
}
