// The first page: an address and a password, and a code where one is asked for.

import { h } from "./dom.js";
import { field } from "./fields.js";

export function signIn(session, reason, onDone) {
  const problem = h("p", { class: "fault", role: "alert" }, reason);
  const begin = h(
    "form",
    {
      class: "sheet narrow",
      onsubmit: (event) => submit(event, (data) => session.signIn(data.email, data.password)),
    },
    h("h1", {}, "Sign in"),
    field("Email", h("input", { name: "email", type: "email", autocomplete: "username", required: true })),
    field(
      "Password",
      h("input", { name: "password", type: "password", autocomplete: "current-password", required: true }),
    ),
    problem,
    h("button", { class: "button primary" }, "Sign in"),
    h("a", { class: "quiet", href: "/account" }, "Forgot your password, or no account yet?"),
  );
  const page = h(
    "div",
    { class: "lone" },
    h("img", { src: "/static/icon.svg", alt: "Limitless", width: 56, height: 56 }),
    begin,
  );

  async function submit(event, send) {
    event.preventDefault();
    const form = event.target;
    const button = form.querySelector("button");
    problem.textContent = "";
    button.disabled = true;
    try {
      const ticket = await send(Object.fromEntries(new FormData(form)));
      if (ticket) askCode(ticket);
      else await onDone();
    } catch (error) {
      problem.textContent = error.message;
    } finally {
      button.disabled = false;
    }
  }

  function askCode(ticket) {
    const code = h("input", {
      name: "code",
      autocomplete: "one-time-code",
      inputmode: "numeric",
      required: true,
    });
    const step = h(
      "form",
      {
        class: "sheet narrow",
        onsubmit: (event) => submit(event, (data) => session.secondStep(ticket, data.code)),
      },
      h("h1", {}, "One more step"),
      field("Code of your authenticator app", code, "A backup code works as well."),
      problem,
      h("button", { class: "button primary" }, "Continue"),
    );
    begin.replaceWith(step);
    code.focus();
  }

  return page;
}
