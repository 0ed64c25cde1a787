// What an admin does when a lead asks for their data, or for its end.

import { confirmed, h, notify } from "./dom.js";
import { doing, finished, save } from "./forms.js";

export function leadData({ session, go }, id, handle) {
  if (!session.may("admin:privacy")) return null;
  const problem = h("div", {});
  const ask = async (what) => {
    const asked = await session.request("POST", `/api/v1/gdpr/${what}`, { conversation_id: id });
    return finished(session, asked.id);
  };
  const copy = doing(problem, async () => {
    const { download_url } = await ask("export");
    save(await session.file(new URL(download_url).pathname), `${id}.zip`);
    notify("The copy is saved.");
  });
  const erase = doing(problem, async () => {
    const question = `Delete all that ${handle} said here, for good? Payments stay, without the person.`;
    if (!(await confirmed(question, "Delete it"))) return;
    await ask("delete");
    go("#/conversations");
    notify(`Nothing of ${handle} is kept any more.`);
  });
  return [
    h("h2", {}, "Their data"),
    h("p", { class: "soft" }, "Leads can ask for it on their chat page. If they ask you instead:"),
    problem,
    h("p", { class: "actions" }, button("Save a copy", copy), button("Delete it", erase)),
  ];
}

const button = (label, onclick) => h("button", { type: "button", class: "button small", onclick }, label);
