// What the documents answer: a question to try, and those that leads asked in vain.

import { fault, h } from "./dom.js";
import { field } from "./fields.js";
import { ago, count, percent } from "./words.js";

const SHOWN = 3;

/** Both parts, as far as this server has their routes. */
export async function knowledge(session) {
  const found = await session.get("/api/knowledge/gaps?limit=20").catch((error) => error);
  if (found.status === 404) return [];
  return [trial(session), found.gaps?.length > 0 && gaps(session, found)];
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

function passage({ document, heading, page, passage: text, similarity, word_coverage: words }) {
  const place = [document, heading, page && `page ${page}`];
  const scores = [
    similarity !== null && `${percent(similarity)} alike in meaning`,
    words !== null && `${percent(words)} of the words`,
  ];
  return h(
    "li",
    {},
    h("blockquote", { dir: "auto" }, text),
    h("p", { class: "soft" }, [...place, ...scores].filter(Boolean).join(" · ")),
  );
}

function gaps(session, { gaps: found }) {
  const section = h(
    "section",
    { class: "sheet ask" },
    h("h2", {}, "Asked, and not answered"),
    h("p", { class: "soft" }, "Write a document about these, and your agent will know."),
    h(
      "ul",
      { class: "plain" },
      found.map((gap) => open(session, gap, () => section.querySelector("li") ?? section.remove())),
    ),
  );
  return section;
}

function open(session, gap, onGone) {
  const problem = h("div", {});
  async function forget() {
    try {
      const ids = gap.questions.map(({ id }) => id);
      await session.request("POST", "/api/knowledge/gaps/forget", { ids });
      row.remove();
      onGone();
    } catch (error) {
      problem.replaceChildren(fault(error));
    }
  }
  const row = h(
    "li",
    {},
    h("strong", { dir: "auto" }, gap.question),
    h("p", { class: "soft" }, `asked ${times(gap.count)}, last ${ago(gap.last_asked_at)}`),
    session.may("write:documents") &&
      h(
        "button",
        {
          type: "button",
          class: "button small",
          onclick: forget,
          "aria-label": `Dealt with: ${gap.question}`,
        },
        "Dealt with",
      ),
    problem,
  );
  return row;
}

const times = (number) => (number === 1 ? "once" : `${count(number)} times`);
