// What leads and the agent said to each other.

import { dayOf, linked } from "../text.js";
import { h, heading, icon } from "./dom.js";
import { choice, field } from "./fields.js";
import { leadData } from "./lead_data.js";
import { AGENTS, ago, at, clock, count, learned, money, percent, STAGES, title } from "./words.js";

const PAGE = 30;
const FILTERS = ["campaign_id", "stage", "qualified"];

export async function conversations(visit) {
  if (visit.rest[0]) return transcript(visit, visit.rest[0]);
  const { session, query, go } = visit;
  const chosen = Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? ""]));
  const list = h("ul", { class: "list" });
  const more = h("button", { type: "button", class: "button", onclick: () => load() }, "Show more");
  const summary = h("p", { class: "soft", role: "status" });

  async function load() {
    const page = await session.get(
      `/api/conversations?${asked({ ...chosen, limit: PAGE, offset: list.children.length })}`,
    );
    list.append(...page.conversations.map(row));
    more.hidden = !page.has_more;
    summary.textContent = page.total === 1 ? "1 conversation" : `${count(page.total)} conversations`;
  }

  const [{ campaigns }] = await Promise.all([session.get("/api/campaigns?limit=100"), load()]);
  const pick = (name) => (value) => go(`#/conversations?${asked({ ...chosen, [name]: value })}`);
  const named = Object.fromEntries(campaigns.map(({ id, name }) => [id, name]));
  return [
    heading("Conversations"),
    h(
      "div",
      { class: "filters" },
      field("Campaign", choice({ "": "All campaigns", ...named }, chosen.campaign_id, pick("campaign_id"))),
      field("Stage", choice({ "": "All stages", ...STAGES }, chosen.stage, pick("stage"))),
      field(
        "Qualified",
        choice({ "": "Everyone", true: "Qualified", false: "Not yet" }, chosen.qualified, pick("qualified")),
      ),
    ),
    summary,
    list.children.length
      ? list
      : h(
          "p",
          { class: "empty" },
          "Nobody here. Share a campaign's link, and conversations show up as they happen.",
        ),
    more,
  ];
}

const asked = (values) =>
  new URLSearchParams(Object.entries(values).filter(([, value]) => value !== "")).toString();

const TONES = { converted: "good", disqualified: "bad" };

const badges = ({ current_stage: stage, qualified }) =>
  h(
    "span",
    { class: "badges" },
    h("span", { class: `badge ${TONES[stage] ?? ""}` }, STAGES[stage]),
    qualified && h("span", { class: "badge good" }, "Qualified"),
  );

const row = (one) =>
  h(
    "li",
    {},
    h(
      "a",
      { class: "row", href: `#/conversations/${encodeURIComponent(one.id)}` },
      h("span", { class: "who" }, h("strong", { dir: "auto" }, one.instagram_handle), badges(one)),
      h(
        "span",
        { class: "soft" },
        h(
          "time",
          { datetime: one.last_message_at, title: at(one.last_message_at) },
          ago(one.last_message_at),
        ),
      ),
      h(
        "span",
        { class: "soft" },
        [
          one.campaign_code,
          `${count(one.total_messages)} messages`,
          `fit ${percent(one.qualification_score)}`,
        ].join(" · "),
      ),
    ),
  );

async function transcript(visit, id) {
  const { session } = visit;
  const address = `/api/conversations/${encodeURIComponent(id)}`;
  const [{ conversation, messages }, state] = await Promise.all([
    session.get(`${address}/transcript`),
    session.get(`${address}/state`),
  ]);
  const fields = Object.entries(state.fields);
  const standing = {
    Fit: percent(state.qualification_score),
    "Questions asked": count(state.questions_asked),
    "Waiting for": state.next_prompt ?? "nothing",
  };
  return [
    h("a", { class: "back", href: "#/conversations" }, icon("back"), "Conversations"),
    heading(conversation.instagram_handle, badges(state)),
    h(
      "div",
      { class: "beside" },
      h("section", { class: "said", "aria-label": "Transcript" }, byDay(messages)),
      h(
        "aside",
        { class: "sheet" },
        h("h2", {}, "What we learned"),
        fields.length
          ? facts(fields.map(([name, value]) => [title(name), learned(value)]))
          : h("p", { class: "soft" }, "Nothing yet."),
        h("h2", {}, "Where it stands"),
        facts(Object.entries(standing)),
        leadData(visit, id, conversation.instagram_handle),
      ),
    ),
  ];
}

const facts = (entries) =>
  h(
    "dl",
    { class: "facts" },
    entries.map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", { dir: "auto" }, value))),
  );

/** The messages, and before the first of each day the day. */
function byDay(messages) {
  let day = "";
  return messages.flatMap((one) => {
    const before = day;
    day = dayOf(Date.parse(one.timestamp));
    return day === before ? [message(one)] : [h("p", { class: "day" }, day), message(one)];
  });
}

function message({ role, content, timestamp, metadata }) {
  const theirs = role === "human";
  return h(
    "article",
    { class: `message ${theirs ? "human" : "ai"}` },
    h(
      "div",
      { class: "bubble" },
      h("span", { class: "unseen" }, theirs ? "Lead: " : "Agent: "),
      h("span", { class: "text", dir: "auto" }, linked(content)),
    ),
    metadata?.sources?.map(source),
    metadata?.checkout &&
      h(
        "p",
        { class: "badge good" },
        `Link to pay: ${metadata.checkout.name ?? ""} ${price(metadata.checkout)}`,
      ),
    h(
      "p",
      { class: "meta" },
      h("time", { datetime: timestamp, title: at(timestamp) }, clock(timestamp)),
      remarks(metadata ?? {}).map((text) => ` · ${text}`),
    ),
  );
}

const source = ({ title: name, heading: place, page, passage }) =>
  h(
    "details",
    { class: "read" },
    h("summary", { dir: "auto" }, [name, place, page && `page ${page}`].filter(Boolean).join(" · ")),
    h("blockquote", { dir: "auto" }, passage),
  );

const price = ({ amount, currency }) => (amount === undefined ? "" : money(amount, currency));

/** How a reply came about, in plain words. */
const remarks = ({ agent, model, scripted, degraded, guarded }) =>
  [
    AGENTS[agent],
    scripted ? "scripted from the playbook" : model,
    degraded && "degraded: the AI model failed, so the playbook answered",
    guarded && "corrected before it was sent",
  ].filter(Boolean);
