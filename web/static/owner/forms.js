// Small forms and buttons that say beside them what went wrong.

import { fault, h } from "./dom.js";

const PATIENCE = 60_000; // milliseconds
const later = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export function form(fields, action, send, given = {}) {
  const problem = h("p", { class: "fault", role: "alert" });
  const button = h("button", { class: "button", ...given }, action);
  async function submit(event) {
    event.preventDefault();
    problem.textContent = "";
    button.disabled = true;
    const shown = event.target;
    try {
      await send(Object.fromEntries(new FormData(shown)));
      shown.reset();
    } catch (error) {
      problem.textContent = error.faults?.map((one) => one.message).join(". ") || error.message;
    } finally {
      button.disabled = false;
    }
  }
  return h("form", { class: "stack", onsubmit: submit }, fields, problem, h("p", {}, button));
}

/** Does something at a click; what goes wrong is said in `problem`. */
export const doing = (problem, deed) => async () => {
  problem.replaceChildren();
  try {
    await deed();
  } catch (error) {
    problem.replaceChildren(fault(error));
  }
};

/** Gives a file to whoever looks. */
export function save(blob, name) {
  const href = URL.createObjectURL(blob);
  h("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

/** A request for somebody's data once it is done. */
export async function finished(session, id) {
  const until = Date.now() + PATIENCE;
  for (let pause = 300; Date.now() < until; pause = Math.min(3000, pause * 1.5)) {
    await later(pause);
    const found = await session.get(`/api/v1/gdpr/requests/${id}`);
    if (found.status === "done") return found;
    if (found.status === "failed") throw new Error(found.receipt.reason);
  }
  throw new Error("It takes longer than usual. Please come back in a while.");
}
