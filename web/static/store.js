// What this browser keeps of a conversation: messages that the server has not taken yet, the draft, a name.
// Read anew each time, because another tab may write the same keys.

export class Store {
  #key;
  #memory = {}; // stands in where the browser forbids storage

  constructor(code) {
    this.#key = `limitless.${code}`;
  }

  /** Messages `{id, text, at}` that are not known to be accepted, oldest first. */
  get outbox() {
    return this.#read().outbox ?? [];
  }

  keep(message) {
    this.#write({ outbox: [...this.outbox, message] });
  }

  drop(id) {
    this.#write({ outbox: this.outbox.filter((message) => message.id !== id) });
  }

  get draft() {
    return this.#read().draft ?? "";
  }

  set draft(draft) {
    this.#write({ draft });
  }

  /** The handle that the lead gave, "" when they chose to give none, undefined before they were asked. */
  get handle() {
    return this.#read().handle;
  }

  set handle(handle) {
    this.#write({ handle });
  }

  /** Whether the browser keeps any of it. */
  get lasts() {
    try {
      return Boolean(localStorage);
    } catch {
      return false;
    }
  }

  /** What says who the lead is, where no cookie does. */
  get token() {
    return this.#read().token;
  }

  set token(token) {
    this.#write({ token });
  }

  /** Nothing is known of the lead any more. */
  forget() {
    this.#memory = {};
    try {
      localStorage.removeItem(this.#key);
    } catch {
      // forbidden: then it was never there
    }
  }

  #read() {
    try {
      return JSON.parse(localStorage.getItem(this.#key)) ?? {};
    } catch {
      return this.#memory;
    }
  }

  #write(change) {
    this.#memory = { ...this.#read(), ...change };
    try {
      localStorage.setItem(this.#key, JSON.stringify(this.#memory));
    } catch {
      // full or forbidden: the memory has it as long as the page is open
    }
  }
}
