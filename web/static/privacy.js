// What a lead may ask about their own data: a copy, its end, and what they agree to.

import { Lost, Refused, fetchJson, postJson } from "./stream.js";

const BASE = "/api/chat/privacy";
const PATIENCE = 60_000; // milliseconds until a request that is still queued is left to itself

const find = (id) => document.getElementById(id);
const unlessLost = (error) => (error instanceof Lost ? null : Promise.reject(error));
const later = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export class Privacy {
  /** Everything is deleted: nothing of the conversation is to be used any more. */
  onDeleted = () => {};
  #strings;
  #conversation;
  #dialog = find("privacy");
  #deleted = false;

  constructor(strings, conversation) {
    this.#strings = strings;
    this.#conversation = conversation;
    const close = () => this.#dialog.close();
    this.#dialog.querySelector(".close").addEventListener("click", close);
    this.#dialog.addEventListener("click", ({ target }) => target === this.#dialog && close());
    this.#dialog.addEventListener("close", () => this.#deleted && this.onDeleted());
    find("privacy-open").addEventListener("click", () => this.#open());
    find("privacy-export").addEventListener("click", () => this.#trying(this.#export));
    find("privacy-delete").addEventListener("click", () => this.#askTwice(true));
    find("privacy-keep").addEventListener("click", () => this.#askTwice(false));
    find("privacy-sure").addEventListener("click", () => this.#trying(this.#delete));
    for (const box of this.#boxes) box.addEventListener("change", () => this.#trying(this.#agree));
  }

  get #boxes() {
    return [...this.#dialog.querySelectorAll("input")];
  }

  get #thread() {
    return this.#conversation.thread;
  }

  async #open() {
    this.#askTwice(false);
    this.#offer(null);
    this.#say(this.#thread ? "" : this.#strings.privacy_none);
    this.#enable(Boolean(this.#thread));
    this.#dialog.showModal();
    if (this.#thread) await this.#trying(this.#readConsent);
  }

  /** Does it with everything switched off meanwhile, and says so when it did not work. */
  async #trying(deed) {
    this.#enable(false);
    try {
      await deed.call(this);
    } catch (error) {
      const gone = error instanceof Refused && [401, 404].includes(error.status);
      this.#say(gone ? this.#strings.privacy_none : this.#strings.privacy_failed);
    }
    this.#enable(!this.#deleted);
  }

  async #readConsent() {
    const given = await fetchJson(`${BASE}/consent?thread_id=${encodeURIComponent(this.#thread)}`);
    for (const box of this.#boxes) box.checked = given[box.name];
  }

  async #agree() {
    const given = Object.fromEntries(this.#boxes.map((box) => [box.name, box.checked]));
    await postJson(`${BASE}/consent`, { thread_id: this.#thread, ...given });
    this.#say(this.#strings.privacy_saved);
  }

  async #export() {
    this.#say(this.#strings.privacy_preparing);
    const done = await this.#asked("export");
    this.#offer(new URL(done.download_url).pathname);
    this.#say(this.#strings.privacy_ready);
    find("privacy-download").focus();
  }

  async #delete() {
    this.#say(this.#strings.privacy_deleting);
    const { receipt } = await this.#asked("delete");
    this.#deleted = true;
    this.#askTwice(false);
    this.#offer(null);
    for (const box of this.#boxes) box.checked = false;
    const kept = receipt.kept.payments ? [this.#strings.privacy_paid] : [];
    this.#say([this.#strings.privacy_deleted, ...kept].join(" "));
    this.#dialog.querySelector(".close").focus();
  }

  /** The request once it is done. */
  async #asked(what) {
    const { id } = await postJson(`${BASE}/${what}`, { thread_id: this.#thread });
    const address = `${BASE}?thread_id=${encodeURIComponent(this.#thread)}`;
    const until = Date.now() + PATIENCE;
    for (let pause = 300; Date.now() < until; pause = Math.min(3000, pause * 1.5)) {
      await later(pause);
      const found = (await fetchJson(address).catch(unlessLost))?.find((one) => one.id === id);
      if (found?.status === "done") return found;
      if (found?.status === "failed") break;
    }
    throw new Error(`${what} did not end`);
  }

  #askTwice(asking) {
    find("privacy-deeds").hidden = asking;
    find("privacy-confirm").hidden = !asking;
    this.#say("");
    if (asking) find("privacy-keep").focus();
  }

  #offer(path) {
    const link = find("privacy-download");
    link.hidden = !path;
    if (path) link.href = path;
  }

  #enable(enabled) {
    for (const control of this.#dialog.querySelectorAll("input, button:not(.close)"))
      control.disabled = !enabled;
  }

  #say(text) {
    find("privacy-status").textContent = text;
  }
}
