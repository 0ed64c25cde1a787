// What the documents answer: a question to try, and those that leads asked in vain.

import { fault, h } from "./dom.js";
import { field } from "./fields.js";
import { ago, count } from "./words.js";

const SHOWN = 3;

/** Both parts, as far as this server has their routes. */
export async function knowledge(session) {
  const found = await session.get("/api/knowledge/gaps?limit=20").catch((error) => error);
  if (found.status === 404) return [];
  return [trial(session), found.gaps?.length > 0 && gaps(found)];
}

function trial(session) {
  const question = h("input", { required: true, maxlength: 1000 });
  const result = h("div", { role: "status" });
  async function search(event) {
    event.preventDefault();
    try {
      const found = await session.request("POST", "/api/knowledge/search", {
        question: question.value,
        limit: SHOWN,
      });
      result.replaceChildren(...answer(found));
    } catch (error) {
      result.replaceChildren(fault(error));
    }
  }
  return h(
    "section",
    { class: "sheet ask" },
    h("h2", {}, "Try a question"),
    h(
      "form",
      { class: "form", onsubmit: search },
      field("What a lead might ask", question, "See what your agent would find."),
      h("p", { class: "actions" }, h("button", { class: "button" }, "Look it up")),
    ),
    result,
  );
}

const answer = ({ answered, results }) =>
  [
    h(
      "p",
      {},
      answered
        ? "Your agent answers from this:"
        : "Nothing comes near enough. Your agent would say that it does not know.",
    ),
    answered && h("ul", { class: "plain" }, results.filter((one) => one.given_to_agent).map(passage)),
  ].filter(Boolean);

const passage = ({ document, heading, page, passage: text }) =>
  h(
    "li",
    {},
    h("blockquote", { dir: "auto" }, text),
    h("p", { class: "soft" }, [document, heading, page && `page ${page}`].filter(Boolean).join(" · ")),
  );

const gaps = ({ gaps: found }) =>
  h(
    "section",
    { class: "sheet ask" },
    h("h2", {}, "Asked, and not answered"),
    h("p", { class: "soft" }, "Write a document about these, and your agent will know."),
    h(
      "ul",
      { class: "plain" },
      found.map((gap) =>
        h(
          "li",
          {},
          h("strong", { dir: "auto" }, gap.question),
          h("p", { class: "soft" }, `asked ${times(gap.count)}, last ${ago(gap.last_asked_at)}`),
        ),
      ),
    ),
  );

const times = (number) => (number === 1 ? "once" : `${count(number)} times`);
