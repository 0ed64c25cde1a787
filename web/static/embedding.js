// The page in a frame on another site. Its browser may keep no cookie for us there, so the lead's token goes
// in a header. It is kept in the frame's own storage; where even that is forbidden, by the page around, which
// can only be one that the owner allowed, and which hands it back behind the # of the frame's address.

export const framed = self !== top;

const tell = (what) => parent.postMessage(`limitless:${what}`, "*");

/** Where the token is, to be read and set. */
export function settleIntoFrame(store) {
  document.documentElement.classList.add("framed");
  document.head.append(Object.assign(document.createElement("base"), { target: "_blank" }));
  addEventListener("keydown", ({ key }) => {
    if (key === "Escape" && !document.querySelector("dialog[open]")) tell("close");
  });
  // The page around hands the focus to the frame as a whole; where there is a keyboard, one wants to write.
  addEventListener("focus", () => {
    const free = document.activeElement === document.body;
    if (free && matchMedia("(hover: hover)").matches) document.getElementById("text").focus();
  });
  if (!store.lasts && location.hash) store.token = location.hash.slice(1);
  history.replaceState(null, "", location.pathname + location.search);
  return {
    get token() {
      return store.token;
    },
    set token(token) {
      store.token = token;
      if (token) tell(`begun:${store.lasts ? "" : token}`);
    },
  };
}
