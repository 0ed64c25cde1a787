// Where a reply has it from: small marks under it, each of which opens the passage.

import { fill } from "./text.js";

const find = (id) => document.getElementById(id);

export class Sources {
  #strings;
  #passage = find("passage");

  constructor(strings) {
    this.#strings = strings;
    const close = () => this.#passage.close();
    this.#passage.querySelector(".close").addEventListener("click", close);
    // The dialog itself is hit where its backdrop is.
    this.#passage.addEventListener("click", ({ target }) => target === this.#passage && close());
  }

  /** One mark for each of `{title, heading, page, passage}`. */
  marks(sources) {
    const marks = Object.assign(document.createElement("div"), { className: "sources" });
    marks.append(...sources.map((source) => this.#mark(source)));
    return marks;
  }

  #mark(source) {
    const mark = find("source-template").content.firstElementChild.cloneNode(true);
    mark.querySelector(".title").textContent = source.title;
    mark.querySelector(".page").textContent = this.#page(source);
    mark.addEventListener("click", () => this.#open(source));
    return mark;
  }

  #open(source) {
    find("passage-title").textContent = source.title;
    const place = [source.heading, this.#page(source)].filter(Boolean).join(" · ");
    this.#passage.querySelector(".place").textContent = place;
    this.#passage.querySelector("blockquote").textContent = source.passage;
    this.#passage.showModal();
  }

  #page = ({ page }) => (page ? fill(this.#strings.page, { page }) : "");
}
