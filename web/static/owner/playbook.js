// How the agent sells, as a form. What is typed is written into `playbook` at once; saving sends it whole.

import { fault, h, heading, notify } from "./dom.js";
import { area, choice, clearFaults, field, lines, showFaults } from "./fields.js";
import { repeated } from "./repeated.js";
import { NEW_OBJECTION, NEW_OFFER, NEW_QUESTION, objection, offer, question } from "./playbook_parts.js";
import { at } from "./words.js";

export async function playbook(visit) {
  const { session, query, go, guard } = visit;
  const campaign = query.get("campaign_id") ?? "";
  const address = `/api/playbook${campaign ? `?campaign_id=${encodeURIComponent(campaign)}` : ""}`;
  const [found, { campaigns }] = await Promise.all([
    session.get(address),
    session.get("/api/campaigns?limit=100"),
  ]);
  const mayWrite = session.may("write:playbook");
  const named = Object.fromEntries(campaigns.map(({ id, name }) => [id, `Only ${name}`]));
  const pick = (value) => go(value ? `#/playbook?campaign_id=${encodeURIComponent(value)}` : "#/playbook");
  const book = found.playbook;
  let saved = JSON.stringify(book);

  const version = h("p", { class: "soft" }, told(found, campaign));
  const problem = h("div", {});
  const save = h("button", { class: "button primary" }, "Save");
  const form = h(
    "form",
    { class: "form", novalidate: true, onsubmit: submit },
    h("fieldset", { class: "bare", disabled: !mayWrite }, sections(book)),
  );
  const bar = h("div", { class: "savebar" }, problem, save);
  if (mayWrite) form.append(bar);
  else
    form.prepend(h("p", { class: "note" }, "You can read the playbook. Ask an administrator to change it."));
  guard(() => (JSON.stringify(book) === saved ? null : "Leave without saving your changes to the playbook?"));

  async function submit(event) {
    event.preventDefault();
    clearFaults(form);
    problem.replaceChildren();
    save.disabled = true;
    try {
      const sent = JSON.stringify(book);
      version.textContent = told(await session.request("PUT", address, JSON.parse(sent)), campaign);
      saved = sent;
      notify("Saved. New conversations begin with it.");
    } catch (error) {
      refuse(error);
    } finally {
      save.disabled = false;
    }
  }

  function refuse(error) {
    const faults = error.faults ?? [];
    const homeless = showFaults(form, faults);
    const entries = faults.length === 1 ? "one entry needs" : `${faults.length} entries need`;
    const words = faults.length ? `Not saved: ${entries} another look.` : error.message;
    problem.replaceChildren(fault(new Error([words, ...homeless.map(({ message }) => message)].join(" "))));
  }

  return [
    heading(
      "Playbook",
      campaigns.length > 0 && field("For", choice({ "": "All campaigns", ...named }, campaign, pick)),
    ),
    version,
    form,
  ];
}

const told = ({ version, created_at, campaign_id }, campaign) =>
  campaign && !campaign_id
    ? "This campaign uses the playbook of all campaigns. Saving gives it one of its own."
    : `Version ${version}, saved ${at(created_at)}. Conversations keep the version they began with.`;

function sections(book) {
  const write =
    (object, key) =>
    ({ target }) =>
      (object[key] = target.value);
  const { agent } = book;
  return [
    section(
      "Your business",
      true,
      field(
        "What you sell, and to whom",
        area({ value: book.business, oninput: write(book, "business") }),
        "A few sentences that the agent knows by heart.",
        "business",
      ),
    ),
    section(
      "The agent",
      true,
      field("Name", h("input", { value: agent.name, oninput: write(agent, "name") }), "", "agent.name"),
      field(
        "Voice",
        area({ value: agent.voice, oninput: write(agent, "voice") }),
        "How it talks: warm or brief, playful or matter-of-fact.",
        "agent.voice",
      ),
      field(
        "Language",
        choice(LANGUAGES(agent.language), agent.language, (value) => (agent.language = value)),
        "",
        "agent.language",
      ),
      field(
        "Opening message",
        area({ value: book.opening, oninput: write(book, "opening") }),
        "The first thing a lead reads. End it with your first question.",
        "opening",
      ),
    ),
    section(
      "Questions",
      false,
      h("p", { class: "hint" }, "Asked one at a time, in this order, in the agent's own words."),
      repeated("questions", book.questions, question, NEW_QUESTION, "Add a question"),
      field(
        "Qualified from",
        range(book),
        "How much of the weight must be answered before a lead counts as qualified.",
        "qualified_at",
      ),
    ),
    section(
      "Offers and prices",
      false,
      h("p", { class: "hint" }, "The agent names these prices and no others."),
      repeated("offers", book.offers, offer, NEW_OFFER, "Add an offer"),
    ),
    section(
      "Doubts and answers",
      false,
      h("p", { class: "hint" }, "What leads worry about, and what you say to it."),
      repeated("objections", book.objections, objection, NEW_OBJECTION, "Add a doubt"),
    ),
    section(
      "Limits",
      false,
      field(
        "Never promise",
        lines(book.never_promise, (kept) => (book.never_promise = kept)),
        "One a line. The agent will not promise any of it.",
        "never_promise",
      ),
      field(
        "Links it may send",
        lines(book.links, (kept) => (book.links = kept), { dir: "ltr" }),
        "One web address a line. It sends no others.",
        "links",
      ),
    ),
  ];
}

const section = (name, open, ...inside) =>
  h("details", { class: "sheet section", open }, h("summary", {}, h("h2", {}, name)), inside);

const LANGUAGES = (present) => ({
  lead: "The lead's own language",
  en: "English",
  de: "German",
  es: "Spanish",
  fr: "French",
  ...(["lead", "en", "de", "es", "fr"].includes(present) ? {} : { [present]: present }),
});

function range(book) {
  const shown = h("output", {});
  const show = () => {
    control.setAttribute("aria-valuetext", (shown.textContent = `${Math.round(book.qualified_at * 100)} %`));
  };
  const control = h("input", { type: "range", min: 0, max: 100, step: 5, value: book.qualified_at * 100 });
  control.addEventListener("input", () => {
    book.qualified_at = Number(control.value) / 100;
    show();
  });
  show();
  return [control, shown];
}
