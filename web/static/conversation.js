// The line between the transcript and the server. One loop does all that can fail, a step at a time, and
// backs off when it does; streams are read beside it.

import { EventStream, Lost, Refused, fetchJson } from "./stream.js";
import { uuid } from "./text.js";
import { Transcript } from "./transcript.js";

const CLOSED = {
  CAMPAIGN_NOT_FOUND: "unknown",
  CAMPAIGN_EXPIRED: "expired",
  CAMPAIGN_LIMIT_REACHED: "used_up",
};

/** Milliseconds to wait after so many failures: doubling to half a minute, never all browsers at once. */
const backoff = (failures) => Math.min(30_000, 500 * 2 ** (failures - 1)) * (0.5 + Math.random());

/** Seconds between looks at whether a payment is in, while a link to pay stands on the page. */
const LOOKS = [1, 1, 2, 3, 5, 8, 15, 30];

/** An event id as `[turn, attempt, position]`. */
const place = (id) => id.split("-").map(Number);
const newer = (a, b) => (a[0] - b[0] || a[1] - b[1] || a[2] - b[2]) > 0;

export class Conversation {
  /** The lead was here before. */
  onKnown = () => {};
  /** A message was refused for good; its text goes back to who wrote it. */
  onUnsent = (_text) => {};
  #code;
  #store;
  #view;
  #transcript;
  #thread = null;
  #streams = new Set();
  #last = ""; // id of the newest event
  #loaded = false;
  #behind = false; // a stream was lost: something may have been missed
  #closed = false;
  #failures = 0;
  #sendAfter = 0; // a rate limit's end, in milliseconds since the epoch
  #working = false;
  #comingBack = true; // the next look at everything is one by who was away
  #looked = 0; // how often the page looked for a payment since then
  #looking = null;
  #wake = () => {};

  constructor(code, store, view) {
    this.#code = code;
    this.#store = store;
    this.#view = view;
    this.#transcript = new Transcript(view.opening);
    for (const message of store.outbox) this.#transcript.add(message);
  }

  get entries() {
    return this.#transcript.entries;
  }

  /** Its id, null before something was said. */
  get thread() {
    return this.#thread;
  }

  /** Whether the agent is about to say something. */
  get typing() {
    const sending = this.#store.outbox.length > 0 && Date.now() >= this.#sendAfter;
    const quiet = this.#transcript.growing || this.#failures || this.#closed;
    return (sending || this.#streams.size > 0) && !quiet;
  }

  start() {
    addEventListener("online", () => this.#refresh());
    addEventListener("offline", () => this.#offline());
    addEventListener("pageshow", (event) => event.persisted && this.#refresh());
    document.addEventListener("visibilitychange", () => document.hidden || this.#refresh());
    this.#changed();
    this.#work();
  }

  say(text) {
    const message = { id: uuid(), text, at: Date.now() };
    this.#store.keep(message); // before it is sent, so that no reload loses it
    this.#transcript.add(message);
    this.#view.toLatest();
    this.#changed();
    this.#retry();
  }

  /** Asks once more for what the reply with this key failed to answer. */
  again(key) {
    this.say(this.#transcript.takeBack(key));
  }

  // ---- the loop

  #retry() {
    this.#wake();
    this.#work();
  }

  /** Another tab or another day may have gone on without this page. */
  #refresh() {
    this.#comingBack = true;
    this.#looked = 0;
    if (!this.#streams.size && !this.#working) this.#loaded = false;
    this.#retry();
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
    this.#lookForPayment();
  }

  /** The page of a payment may be another one: what the agent says to it is to appear here, too. */
  #lookForPayment() {
    clearTimeout(this.#looking);
    if (this.#closed || document.hidden || !this.#transcript.offersCheckout) return;
    const seconds = LOOKS[Math.min(this.#looked, LOOKS.length - 1)];
    this.#looking = setTimeout(() => {
      this.#looked += 1;
      if (!this.#streams.size && !this.#working) this.#loaded = false;
      this.#work();
    }, seconds * 1000);
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

  #changed() {
    this.#view.show(this);
  }

  // ---- its steps

  async #load() {
    const history = await this.#history();
    this.#loaded = true;
    this.#comingBack = false;
    this.#behind = false;
    this.#failures = 0;
    if (history) this.#adopt(history);
    if (!this.#closed) this.#reached();
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
    if (this.#behind) throw new Lost(); // it runs, and there is nothing to read yet
  }

  async #send() {
    const { id, text } = this.#store.outbox[0];
    const body = { campaign_code: this.#code, message: text, message_id: id };
    if (this.#store.handle) body.instagram_handle = this.#store.handle;
    if (this.#thread) body.thread_id = this.#thread;
    const headers = { "Content-Type": "application/json", Accept: "text/event-stream" };
    try {
      const stream = await EventStream.open("/api/chat/stream", {
        method: "POST",
        headers,
        body: JSON.stringify(body),
      });
      this.#store.drop(id);
      this.#transcript.mark(id, "sent");
      this.#thread = stream.thread;
      this.#follow(stream);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#refused(id, text, error);
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
      this.#last = "";
      this.#transcript.restart();
      throw new Lost();
    } else {
      this.#store.drop(id);
      this.#transcript.mark(id, "refused");
      this.onUnsent(text);
    }
    this.#changed();
  }

  async #history() {
    try {
      const code = encodeURIComponent(this.#code);
      return await fetchJson(`/api/chat/history?campaign_code=${code}&watching=${!this.#comingBack}`);
    } catch (error) {
      if (!(error instanceof Refused) || error.status === 429) throw error;
      if (error.code in CLOSED) this.#close(error);
      return null;
    }
  }

  #adopt({ thread_id, messages, running }) {
    for (const { message_id } of messages) if (message_id) this.#store.drop(message_id);
    const known = this.#transcript.adopt(messages, running && place(running.last_event_id)[0]);
    if (running && !known) this.#last = running.last_event_id;
    this.#behind = Boolean(running);
    this.#thread = thread_id;
    this.onKnown();
  }

  #close({ code, details }) {
    this.#closed = true;
    this.#view.close(details?.reason ?? CLOSED[code]);
    this.#changed();
  }

  // ---- beside it

  async #follow(stream) {
    this.#streams.add(stream);
    this.#reached();
    let ended = false;
    try {
      for await (const event of stream.events()) this.#hear(event);
      ended = true;
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      this.#behind = true;
      this.#lost();
    }
    this.#streams.delete(stream);
    // The transcript knows what else was missed, once no stream is left that still tells of it.
    if (ended && this.#behind && !this.#streams.size) this.#loaded = false;
    this.#changed();
    this.#work();
  }

  #hear({ type, id, data }) {
    // The turn itself goes on: whoever took it over tells the rest.
    if (type === "error" && data.error.code === "SERVICE_UNAVAILABLE") throw new Lost();
    if (!this.#last || newer(place(id), place(this.#last))) this.#last = id;
    this.#failures = 0;
    this.#transcript.hear(place(id), type, data);
    this.#changed();
  }
}
