// Draws the conversation. Elements are kept by entry, so that nothing is drawn or read aloud twice.

import { Sources } from "./sources.js";
import { dayOf, fill, linked, money, safeAddress, soon } from "./text.js";

const find = (id) => document.getElementById(id);
const copy = (id) => find(id).content.firstElementChild.cloneNode(true);

export class View {
  onRetry = () => {};
  #strings;
  #agent;
  #sources;
  #log = find("log");
  #typing = find("typing");
  #status = find("status");
  #latest = find("latest");
  #drawn = new Map(); // key -> {element, state, text}
  #conversation = null; // what the next frame draws
  #following = true; // the newest message is in sight, and stays so
  #clock;

  constructor(strings, agent) {
    this.#strings = strings;
    this.#agent = agent;
    this.#sources = new Sources(strings);
    const opening = find("opening");
    this.#drawn.set("opening", { element: opening, state: "done", text: this.opening });
    opening.querySelector(".text").replaceChildren(...linked(this.opening));
    this.#log.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#latest.addEventListener("click", () => this.toLatest());
    new ResizeObserver(() => this.#following && this.toLatest()).observe(this.#log);
  }

  get opening() {
    return find("opening").querySelector(".text").textContent;
  }

  show(conversation) {
    if (!this.#conversation) requestAnimationFrame(() => this.#draw());
    this.#conversation = conversation;
  }

  toLatest() {
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#scrolled();
  }

  /** "reconnecting", "offline" or null. */
  status(kind) {
    clearInterval(this.#clock);
    this.#say(kind ? this.#strings[kind] : "");
    this.#announce(kind ? this.#strings[kind] : "");
  }

  /** Counts down to the moment when one can write again; only the first line is read aloud. */
  wait(until) {
    clearInterval(this.#clock);
    const tick = () => {
      const seconds = (until - Date.now()) / 1000;
      if (seconds <= 0) return this.status(null);
      this.#say(fill(this.#strings.wait, { when: soon(seconds) }));
    };
    tick();
    this.#announce(this.#status.textContent);
    this.#clock = setInterval(tick, 1000);
  }

  close(reason) {
    this.status(null);
    const ended = find("ended");
    ended.querySelector("strong").textContent = this.#strings[`${reason}_title`];
    ended.querySelector("span").textContent = this.#strings[reason];
    ended.hidden = false;
    find("composer").hidden = true;
    ended.focus();
  }

  #draw() {
    const { entries, typing } = this.#conversation;
    this.#conversation = null;
    const shown = entries.filter((entry) => entry.text || entry.checkout || entry.state === "error");
    this.#place([...this.#withDays(shown), this.#typing]);
    if (typing && this.#typing.hidden) this.#announce(this.#strings.typing);
    this.#typing.hidden = !typing;
    if (this.#following) this.toLatest();
    else this.#scrolled();
  }

  /** Puts the elements in order, moving only what is out of place. */
  #place(elements) {
    const wanted = new Set(elements);
    for (const [key, { element }] of this.#drawn) {
      if (wanted.has(element)) continue;
      element.remove();
      this.#drawn.delete(key);
    }
    let last = find("welcome");
    for (const element of elements) {
      if (last.nextElementSibling !== element) last.after(element);
      last = element;
    }
  }

  #withDays(entries) {
    let day = dayOf(Date.now());
    return entries.flatMap((entry) => {
      const before = day;
      if (entry.at) day = dayOf(entry.at);
      const message = this.#message(entry);
      return day === before ? [message] : [this.#day(`${day} ${entry.key}`, day), message];
    });
  }

  #day(key, text) {
    if (!this.#drawn.has(key)) {
      const element = Object.assign(document.createElement("p"), { className: "day", textContent: text });
      this.#drawn.set(key, { element });
    }
    return this.#drawn.get(key).element;
  }

  #message(entry) {
    const known = this.#drawn.get(entry.key) ?? { element: this.#newMessage(entry) };
    this.#drawn.set(entry.key, known);
    const { element, text, state } = known;
    if (text !== entry.text || state !== entry.state) this.#update(element, entry, text, state);
    if (entry.sources?.length && !element.querySelector(".sources"))
      element.querySelector(".bubble").after(this.#sources.marks(entry.sources));
    if (!entry.checkout) element.querySelector(".checkout")?.remove();
    else if (!element.querySelector(".checkout")) this.#offer(element, entry.checkout);
    Object.assign(known, { text: entry.text, state: entry.state });
    return element;
  }

  #update(element, entry, textBefore, stateBefore) {
    const streaming = entry.state === "streaming";
    const text = element.querySelector(".text");
    // While it grows it is one text node; whole, it comes in new nodes, which is when it is read aloud.
    const whole = textBefore !== entry.text || stateBefore === "streaming";
    if (streaming && text.firstChild) text.firstChild.data = entry.text;
    else if (whole) text.replaceChildren(...linked(entry.text));
    element.querySelector(".bubble").hidden = !entry.text;
    element.classList.toggle("waiting", entry.state === "waiting");
    element.setAttribute("aria-busy", streaming);
    this.#trouble(element, entry);
  }

  #newMessage({ role }) {
    const element = copy("message-template");
    element.classList.add(role);
    element.querySelector(".unseen").textContent = `${role === "ai" ? this.#agent : this.#strings.you}: `;
    return element;
  }

  #offer(element, { url, name, amount, currency }) {
    const href = safeAddress(url);
    if (!href) return;
    const card = copy("checkout-template");
    card.href = href;
    card.querySelector(".offer").textContent = name;
    card.querySelector(".price").textContent = money(amount, currency);
    element.append(card);
  }

  #trouble(element, { key, state }) {
    element.querySelector(".trouble")?.remove();
    if (state !== "refused" && state !== "error") return;
    const trouble = copy("trouble-template");
    trouble.firstElementChild.textContent = this.#strings[state === "error" ? "unanswered" : "unsent"];
    if (state === "error") trouble.lastElementChild.addEventListener("click", () => this.onRetry(key));
    else trouble.lastElementChild.remove();
    element.append(trouble);
  }

  #scrolled() {
    const below = this.#log.scrollHeight - this.#log.clientHeight - this.#log.scrollTop;
    this.#following = below < 60;
    this.#latest.hidden = this.#following;
  }

  #say(text) {
    this.#status.textContent = text;
    this.#status.hidden = !text;
  }

  #announce(text) {
    find("announcement").textContent = text;
  }
}
