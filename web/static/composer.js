// Where the lead writes: the message, and once, if they like, a name.

import { fill, handleFrom, lengthOf } from "./text.js";

const LIMIT = 4000; // characters, the server's
const NEAR = 300; // so many before the end the count shows

const find = (id) => document.getElementById(id);

export class Composer {
  onSend = (_text) => {};
  #strings;
  #store;
  #text = find("text");
  #handle = find("handle");

  constructor(strings, store) {
    this.#strings = strings;
    this.#store = store;
    this.#text.value ||= store.draft; // on a slow line one has written before this runs
    this.askName(store.handle === undefined);
    this.#text.addEventListener("input", () => this.#typed());
    this.#text.addEventListener("keydown", (event) => this.#pressed(event));
    this.#handle.addEventListener("keydown", (event) => this.#pressedInName(event));
    find("skip").addEventListener("click", () => this.#skip());
    find("composer").addEventListener("submit", (event) => this.#submit(event));
    // A keyboard that slides up over the opening message is no welcome.
    if (matchMedia("(hover: hover)").matches) this.#text.focus();
    this.#typed();
  }

  askName(wanted) {
    find("who").hidden = !wanted;
  }

  /** Returns a text that could not be sent, unless something else was begun. */
  giveBack(text) {
    if (this.#text.value) return;
    this.#text.value = text;
    this.#typed();
  }

  /** Without the control characters that come along with a paste. */
  get #message() {
    return this.#text.value.replace(/[^\P{Cc}\n\t]/gu, "").trim();
  }

  #typed() {
    this.#text.style.height = "auto";
    this.#text.style.height = `${this.#text.scrollHeight}px`;
    this.#store.draft = this.#text.value;
    const left = LIMIT - lengthOf(this.#message);
    const words = left < 0 ? this.#strings.too_long : this.#strings.left;
    const count = find("count");
    count.textContent = left > NEAR ? "" : fill(words, { count: Math.abs(left) });
    count.classList.toggle("over", left < 0);
    find("send").disabled = left < 0 || left === LIMIT;
  }

  #pressed(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    find("composer").requestSubmit();
  }

  #pressedInName(event) {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    this.#text.focus();
  }

  #skip() {
    this.#handle.value = "";
    this.#introduced();
  }

  #introduced() {
    this.#store.handle ??= handleFrom(this.#handle.value);
    this.askName(false);
    this.#text.focus();
  }

  #submit(event) {
    event.preventDefault();
    if (find("send").disabled) return;
    const text = this.#message;
    this.#text.value = "";
    this.#typed();
    this.#introduced();
    this.onSend(text);
  }
}
