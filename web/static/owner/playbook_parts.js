// The forms of a question, an offer and a doubt.

import { h } from "./dom.js";
import { area, choice, field, lines, tick } from "./fields.js";
import { money, OBJECTIONS, title } from "./words.js";

const KINDS = {
  text: "Anything, in their words",
  number: "A number",
  money: "An amount of money",
  yes_no: "Yes or no",
  choice: "One of a few answers",
};
const BILLING = { once: "once", month: "every month", year: "every year" };
const CURRENCIES = ["USD", "EUR", "GBP", "CHF", "CAD", "AUD", "BRL", "MXN", "INR", "JPY"];

const write =
  (object, key) =>
  ({ target }) =>
    (object[key] = target.value);
const row = (...inside) => h("div", { class: "pair" }, inside);

/** "Coaching area?" as "coaching_area": what the server takes as a name. */
export const slug = (words) =>
  words
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[_0-9]+|_+$/g, "")
    .slice(0, 40);

/** A name that none of `taken` has. */
function free(base, taken) {
  let name = base;
  for (let number = 2; taken.includes(name); number++) name = `${base}_${number}`;
  return name;
}

export const NEW_QUESTION = (others) => ({
  field: free(
    "answer",
    others.map((one) => one.field),
  ),
  question: "",
  why: "",
  kind: "text",
  choices: [],
  required: true,
  weight: 1,
  disqualifies: null,
});

export function question(one, path, others, redraw) {
  const byKind = h("div", { class: "bykind" });
  const showKind = () => byKind.replaceChildren(...ofKind(one, path));
  function rekind(kind) {
    Object.assign(one, { kind, choices: [], disqualifies: null });
    showKind();
  }
  function rename({ target }) {
    const before = one.field;
    one.field = slug(target.value);
    const users = others.filter(({ question }) => question.includes(`{${before}}`));
    for (const user of users) user.question = user.question.replaceAll(`{${before}}`, `{${one.field}}`);
    if (users.length) redraw();
  }
  showKind();
  const fields = [
    field("Question", area({ value: one.question, oninput: write(one, "question") }), "", `${path}.question`),
    field(
      "Why you ask",
      h("input", { value: one.why, oninput: write(one, "why") }),
      "Told to leads who wonder.",
      `${path}.why`,
    ),
    row(
      field(
        "Name of the answer",
        h("input", { value: title(one.field), onchange: rename }),
        "A word or two, such as Monthly revenue.",
        `${path}.field`,
      ),
      field("Kind of answer", choice(KINDS, one.kind, rekind), "", `${path}.kind`),
    ),
    byKind,
    row(
      field(
        "Weight",
        h("input", {
          type: "number",
          min: 0,
          max: 100,
          step: "any",
          value: one.weight,
          oninput: ({ target }) => (one.weight = number(target.value)),
        }),
        "Its share in how well a lead fits.",
        `${path}.weight`,
      ),
      tick("Must be answered before an offer", one.required, (value) => (one.required = value)),
    ),
  ];
  return { name: () => one.question || "New question", fields };
}

/** What depends on the kind of answer: the choices, and which answers rule a lead out. */
function ofKind(one, path) {
  const parts = [];
  if (one.kind === "choice") {
    parts.push(
      field(
        "Answers",
        lines(one.choices, (kept) => (one.choices = kept)),
        "One a line.",
        `${path}.choices`,
      ),
    );
  }
  if (one.kind === "text") return parts;
  const rule = h("div", { class: "rule" });
  const showRule = () =>
    rule.replaceChildren(...(one.disqualifies ? ruleOf(one, `${path}.disqualifies`) : []));
  const toggle = (wanted) => {
    one.disqualifies = wanted
      ? { below: null, equals: one.kind === "yes_no" ? false : null, one_of: [], message: "" }
      : null;
    showRule();
  };
  showRule();
  parts.push(tick("Some answers rule a lead out", one.disqualifies !== null, toggle), rule);
  return parts;
}

function ruleOf({ kind, disqualifies: rule }, path) {
  const message = field(
    "What the agent then says",
    area({ value: rule.message, oninput: write(rule, "message") }),
    "Kindly, and once.",
    `${path}.message`,
  );
  if (kind === "choice") {
    const given = rule.equals !== null && !rule.one_of.length ? [String(rule.equals)] : rule.one_of;
    return [
      field(
        "Ruled out by these answers",
        lines(given, (kept) => Object.assign(rule, { one_of: kept, equals: null })),
        "One a line, as above.",
        `${path}.one_of`,
      ),
      message,
    ];
  }
  if (kind === "yes_no") {
    return [
      field(
        "Ruled out by",
        choice(
          { true: "Yes", false: "No" },
          String(rule.equals),
          (value) => (rule.equals = value === "true"),
        ),
        "",
        `${path}.equals`,
      ),
      message,
    ];
  }
  return [
    field(
      "Ruled out below",
      h("input", {
        type: "number",
        step: "any",
        value: rule.below ?? "",
        oninput: ({ target }) => (rule.below = number(target.value)),
      }),
      "",
      `${path}.below`,
    ),
    message,
  ];
}

const number = (text) => (text === "" ? null : Number(text));

export const NEW_OFFER = (others) => ({
  id: free(
    "offer",
    others.map((one) => one.id),
  ),
  name: "",
  price: null,
  currency: others[0]?.currency ?? "USD",
  billing: "once",
  summary: "",
  ideal_for: "",
});

/** How many minor units one of the currency has: 100 for USD, 1 for JPY. */
function minorUnits(currency) {
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  return 10 ** format.resolvedOptions().maximumFractionDigits;
}

/** The form shows major units, such as 497 or 49.50; the playbook holds minor ones. */
export function offer(one, path) {
  const price = h("input", {
    type: "number",
    min: 0,
    step: "any",
    inputmode: "decimal",
    value: one.price === null ? "" : one.price / minorUnits(one.currency),
    oninput: () => (one.price = minor()),
  });
  const minor = () =>
    price.value === "" ? null : Math.round(Number(price.value) * minorUnits(one.currency));
  function recoin(currency) {
    one.currency = currency;
    one.price = minor();
  }
  const currencies = Object.fromEntries(
    [...new Set([one.currency, ...CURRENCIES])].map((name) => [name, name]),
  );
  const fields = [
    field("Name", h("input", { value: one.name, oninput: write(one, "name") }), "", `${path}.name`),
    h(
      "div",
      { class: "pair three" },
      field("Price", price, "", `${path}.price`),
      field("Currency", choice(currencies, one.currency, recoin), "", `${path}.currency`),
      field(
        "Paid",
        choice(BILLING, one.billing, (value) => (one.billing = value)),
        "",
        `${path}.billing`,
      ),
    ),
    field(
      "What is in it",
      area({ value: one.summary, oninput: write(one, "summary") }),
      "",
      `${path}.summary`,
    ),
    field(
      "Ideal for",
      h("input", { value: one.ideal_for, oninput: write(one, "ideal_for") }),
      "The agent offers it to whom this fits.",
      `${path}.ideal_for`,
    ),
  ];
  const cost = () => (one.price === null ? "" : ` · ${money(one.price, one.currency)}`);
  return { name: () => `${one.name || "New offer"}${cost()}`, fields };
}

export const NEW_OBJECTION = () => ({ type: "price", examples: [], answer: "" });

export function objection(one, path) {
  const fields = [
    field(
      "It is about",
      choice(OBJECTIONS, one.type, (value) => (one.type = value)),
      "",
      `${path}.type`,
    ),
    field(
      "How leads say it",
      lines(one.examples, (kept) => (one.examples = kept)),
      "One a line.",
      `${path}.examples`,
    ),
    field("Your answer", area({ value: one.answer, oninput: write(one, "answer") }), "", `${path}.answer`),
  ];
  return { name: () => [OBJECTIONS[one.type], one.examples[0]].filter(Boolean).join(": "), fields };
}
