// What people who paid are written.

import { h, notify } from "./dom.js";
import { area, field } from "./fields.js";
import { doing, form } from "./forms.js";

const ADDRESS = "/api/onboarding-mail";

export async function welcomeMail({ session, again }) {
  const { subject, body } = await session.get(ADDRESS);
  const problem = h("div", {});
  const reset = doing(problem, async () => {
    await session.request("DELETE", ADDRESS);
    await again();
    notify("Our own words are used, in the lead's language.");
  });
  const fields = [
    field("Subject", h("input", { name: "subject", value: subject ?? "", maxlength: 200, required: true, dir: "auto" })),
    field(
      "Text",
      area({ name: "body", value: body ?? "", rows: 8, maxlength: 20_000, required: true }),
      "{name}, {offer}, {amount} and {business} are filled in.",
    ),
  ];
  return h(
    "section",
    { class: "sheet stack" },
    h("h2", {}, "Mail to who has paid"),
    h(
      "p",
      { class: "soft" },
      subject ? "These are your words." : "Nothing of your own yet: we write a short welcome in the lead's language.",
    ),
    session.may("write:payments") &&
      form(fields, "Use these words", async (given) => {
        await session.request("PUT", ADDRESS, given);
        await again();
        notify("From the next payment on.");
      }),
    problem,
    subject && session.may("write:payments") &&
      h("p", {}, h("button", { type: "button", class: "button", onclick: reset }, "Use our own words")),
  );
}
