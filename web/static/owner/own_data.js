// What is held on whoever is signed in: a copy, what they agree to, the end of the account. For admins also
// what everybody did.

import { confirmed, h, notify } from "./dom.js";
import { tick } from "./fields.js";
import { doing, finished, save } from "./forms.js";

export async function ownData({ session }) {
  const given = await session.get("/api/v1/gdpr/consent");
  return [copy(session), consent(session, given), session.may("admin:audit") && audit(session), end(session)];
}

function part(title, text, label, deed, given = {}) {
  const problem = h("div", {});
  const button = h("button", { type: "button", class: "button", onclick: run, ...given }, label);
  async function run() {
    button.disabled = true;
    await doing(problem, deed)();
    button.disabled = false;
  }
  return h(
    "section",
    { class: "sheet stack" },
    h("h2", {}, title),
    h("p", { class: "soft" }, text),
    problem,
    h("p", {}, button),
  );
}

const copy = (session) =>
  part(
    "A copy of your data",
    "Everything that is held on you, as JSON and as tables, in one file.",
    "Get a copy",
    async () => {
      const { id } = await session.request("POST", "/api/v1/gdpr/export");
      const { download_url } = await finished(session, id);
      save(await session.file(new URL(download_url).pathname), "data.zip");
      notify("Your copy is saved.");
    },
  );

function consent(session, given) {
  const agreed = { marketing: given.marketing, analytics: given.analytics };
  const problem = h("div", {});
  const agree = (what) => (checked) =>
    doing(problem, async () => {
      agreed[what] = checked;
      await session.request("POST", "/api/v1/gdpr/consent", agreed);
      notify("Saved.");
    })();
  return h(
    "section",
    { class: "sheet stack" },
    h("h2", {}, "You agree to"),
    tick("News and offers by mail", agreed.marketing, agree("marketing")),
    tick("Statistics about how you use this", agreed.analytics, agree("analytics")),
    problem,
  );
}

const audit = (session) =>
  part(
    "What everybody did",
    "Sign-ins, and every change of accounts, keys, playbooks and payments: who, when and from where.",
    "Save it as CSV",
    async () => save(await session.file("/api/v1/audit/export"), "audit.csv"),
  );

const end = (session) =>
  part(
    "Delete your account",
    "For good, and in every organization that you belong to. A mail says what went.",
    "Delete my account",
    async () => {
      if (!(await confirmed("Delete your account for good? Nobody can bring it back.", "Delete it"))) return;
      await session.request("POST", "/api/v1/gdpr/delete");
      await session.signOut();
    },
    { class: "button danger" },
  );
