// A campaign's form: a new one, or changes to one that is there.

import { h, heading, icon, notify } from "./dom.js";
import { area, clearFaults, field, showFaults } from "./fields.js";

export function campaignForm({ session, go }, campaign = null) {
  const back = campaign ? `#/campaigns/${encodeURIComponent(campaign.code)}` : "#/campaigns";
  const before = campaign ? written(campaign) : {};
  const problem = h("p", { class: "fault", role: "alert" });
  const line = (name, given = {}) => h("input", { name, value: before[name] ?? "", ...given });
  const word = { maxlength: 32, autocapitalize: "characters", spellcheck: "false" };
  const number = { type: "number", min: 1, step: 1, inputmode: "numeric" };
  const note = area({ name: "description", maxlength: 2000, value: before.description ?? "" });
  const websites = area({ name: "allowed_origins", value: before.allowed_origins ?? "", inputmode: "url" });
  const form = h(
    "form",
    { class: "sheet form", novalidate: true, onsubmit: submit },
    field("Name", line("name", { maxlength: 200 }), "For you alone. Leads do not see it.", "name"),
    !campaign &&
      field(
        "Your own word in the link",
        line("code", word),
        "Such as SPRING. Leave it empty and we make one up.",
        "code",
      ),
    field("Conversations at most", line("max_uses", number), "Leave it empty for no limit.", "max_uses"),
    field(
      "Ends",
      line("expires_at", { type: "datetime-local" }),
      "Leave it empty to keep it open.",
      "expires_at",
    ),
    field(
      "Websites that may show it",
      websites,
      "One a line, such as https://www.example.com, or *.example.com for all below it. Empty: none.",
      "allowed_origins",
    ),
    field(
      "Answers only from documents of these categories",
      line("knowledge_categories"),
      "Separated by commas. Leave it empty to answer from all documents.",
      "knowledge_categories",
    ),
    field(
      "Answers only from documents with these tags",
      line("knowledge_tags"),
      "One of them is enough. Leave it empty to answer from all.",
      "knowledge_tags",
    ),
    field("Note", note, "Where you use it, for example.", "description"),
    problem,
    h(
      "p",
      { class: "actions" },
      h("button", { class: "button primary" }, campaign ? "Save" : "Create campaign"),
      h("a", { class: "button", href: back }, "Cancel"),
    ),
  );

  async function submit(event) {
    event.preventDefault();
    clearFaults(form);
    problem.textContent = "";
    const given = Object.fromEntries(new FormData(form));
    try {
      const code = campaign ? await change(given) : await create(given);
      go(`#/campaigns/${encodeURIComponent(code)}`);
      notify(campaign ? "Saved." : "Your campaign is ready to share.");
    } catch (error) {
      const homeless = showFaults(form, error.faults ?? []);
      if (homeless.length || !error.faults?.length) problem.textContent = error.message;
    }
  }

  async function create(given) {
    const filled = Object.entries(given).filter(([name, value]) => value !== "" || name === "name");
    return (await session.request("POST", "/api/campaigns/create", wanted(filled))).campaign.code;
  }

  /** Only what is different: an end that is past stands, as long as nobody moves it. */
  async function change(given) {
    const different = Object.entries(given).filter(([name, value]) => value !== before[name]);
    return (
      await session.request("PATCH", `/api/campaigns/${encodeURIComponent(campaign.code)}`, wanted(different))
    ).code;
  }

  return [
    h("a", { class: "back", href: back }, icon("back"), campaign ? campaign.name : "Campaigns"),
    heading(campaign ? "Edit campaign" : "New campaign"),
    form,
  ];
}

/** A campaign as the form shows it; times are local ones. */
const written = ({ name, description, max_uses, expires_at, allowed_origins, ...campaign }) => ({
  name,
  description,
  knowledge_categories: campaign.knowledge_categories.join(", "),
  knowledge_tags: campaign.knowledge_tags.join(", "),
  max_uses: max_uses === null ? "" : String(max_uses),
  expires_at: expires_at === null ? "" : local(new Date(expires_at)),
  allowed_origins: allowed_origins.join("\n"),
});

function local(time) {
  const shifted = new Date(time.getTime() - time.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}

const words = (text) =>
  text
    .split(",")
    .map((word) => word.trim())
    .filter(Boolean);

const AS = {
  knowledge_categories: words,
  knowledge_tags: words,
  max_uses: (text) => (text === "" ? null : Number(text)),
  expires_at: (text) => (text === "" ? null : new Date(text).toISOString()),
  allowed_origins: (text) => text.split("\n").filter((line) => line.trim()),
};

/** Entries of the form as the server takes them. */
const wanted = (entries) =>
  Object.fromEntries(entries.map(([name, text]) => [name, AS[name] ? AS[name](text) : text]));
