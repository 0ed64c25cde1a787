// Where mailed links lead: an account is confirmed, a password set, an invitation accepted. Without a link
// one asks for an account, or for a new password.

import { h } from "./dom.js";
import { field } from "./fields.js";
import { Refused, post } from "./session.js";

const WORN_OUT = "This link was used, or is too old. Ask for a new one.";
const [what, token] = location.hash.replace(/^#/, "").split("=");
// The token is kept out of the history, and of every screenshot.
history.replaceState(null, "", location.pathname);

// A link that is followed in this very tab changes nothing but what is behind the "#".
addEventListener("hashchange", () => location.reload());

const password = () =>
  field(
    "New password",
    h("input", {
      name: "password",
      type: "password",
      autocomplete: "new-password",
      minlength: 8,
      required: true,
    }),
    "At least 8 characters. A few words are easy to remember and hard to guess.",
  );
const fullName = () =>
  field("Your name", h("input", { name: "full_name", autocomplete: "name", maxlength: 200, required: true }));
const email = () =>
  field("Email", h("input", { name: "email", type: "email", autocomplete: "username", required: true }));

/** A form that sends what is in it, and gives way to `then` once that was taken. */
function form(title, lead, fields, action, send, then) {
  const problem = h("p", { class: "fault", role: "alert" });
  const button = h("button", { class: "button primary" }, action);
  async function submit(event) {
    event.preventDefault();
    problem.textContent = "";
    button.disabled = true;
    try {
      await send(Object.fromEntries(new FormData(event.target)));
      show(...then());
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      problem.textContent = error.status === 401 ? WORN_OUT : said(error);
    } finally {
      button.disabled = false;
    }
  }
  return h(
    "form",
    { class: "sheet narrow", onsubmit: submit },
    h("h1", { tabindex: "-1" }, title),
    lead && h("p", { class: "soft" }, lead),
    fields,
    problem,
    button,
  );
}

const said = ({ faults, message }) => faults.map((one) => one.message).join(". ") || message;

const done = (title, text, ...more) =>
  h(
    "section",
    { class: "sheet narrow" },
    h("h1", { tabindex: "-1" }, title),
    h("p", {}, text),
    h("p", { class: "actions" }, h("a", { class: "button primary", href: "/owner" }, "Sign in")),
    more,
  );

const api = (path) => (body) => post(`/api/v1${path}`, body);
const look = "If the address is right, a mail is on its way. The link in it is good for a while.";

const register = () =>
  form(
    "Create an account",
    "For an organization of your own.",
    [fullName(), email(), password()],
    "Create account",
    api("/auth/register"),
    () => [done("Look into your mail", look)],
  );
const forgot = () =>
  form(
    "Forgot your password?",
    "We mail you a link that sets a new one.",
    [email()],
    "Send the link",
    api("/auth/password/forgot"),
    () => [done("Look into your mail", look)],
  );

const accept = (given) => api("/invitations/accept")({ token, ...given });
const joined = () => [done("You are in", "Sign in with your email and your password.")];

/** Who has an account already needs nothing but to say yes. */
async function say(given) {
  try {
    await accept(given);
  } catch (error) {
    if (error.status !== 422) throw error;
    const own = [fullName(), password()];
    return show(form("You are invited", "Choose how you sign in.", own, "Join", accept, joined));
  }
  show(...joined());
}

const PAGES = {
  confirm: () => [
    form("Confirm your account", "One click, and it is yours.", [], "Confirm", () =>
      api("/auth/register/confirm")({ token }), () => [
      done("Your account is ready", "Sign in with your email and the password you chose."),
    ]),
  ],
  reset: () => [
    form("Set a new password", "You are signed out everywhere else.", [password()], "Set password", (given) =>
      api("/auth/password/reset")({ token, ...given }), () => [
      done("Your password is set", "Sign in with the new one."),
    ]),
  ],
  invitation: () => [form("You are invited", "Would you like to join?", [], "Accept", say, () => [])],
};

function show(...parts) {
  if (!parts.length) return;
  const logo = h("img", { src: "/static/icon.svg", alt: "Limitless", width: 56, height: 56 });
  document.getElementById("content").replaceChildren(h("div", { class: "lone" }, logo, parts));
  document.querySelector("h1").focus({ preventScroll: true });
}

const known = token && Object.hasOwn(PAGES, what) ? PAGES[what]() : [forgot(), register()];
show(...known);
