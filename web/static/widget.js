// <script src="https://…/widget.js" data-campaign="CODE" async></script> puts the chat on any page: a button, and the
// conversation in a frame of its own. Nothing of the page reaches into it, and nothing of it into the page.

(() => {
  const script = document.currentScript;
  const code = script?.dataset.campaign;
  if (!code) return console.warn('Limitless: the script needs data-campaign="CODE".');
  if (document.querySelector("limitless-chat")) return;

  const home = new URL(".", script.src);
  const path = encodeURIComponent(code);
  const BEGUN = `limitless.${code}`; // set once a conversation began; the frame's token, where it cannot keep it
  const KEPT = /^(utm_[a-z]{1,20}|fbclid|gclid|gbraid|wbraid|ttclid|msclkid|twclid|li_fat_id|ref)$/;

  const STYLE = `
    :host { all: initial; }
    button { position: fixed; display: grid; place-items: center; border: 0; border-radius: 50%; padding: 0;
      color: #fff; background: #0f5c4c; cursor: pointer; -webkit-tap-highlight-color: transparent; }
    button:focus-visible { outline: 3px solid #8ed8bf; outline-offset: 2px; }
    svg { fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
    .open { right: max(20px, env(safe-area-inset-right)); bottom: max(20px, env(safe-area-inset-bottom));
      width: 60px; height: 60px; z-index: 2147483646;
      box-shadow: 0 2px 6px rgb(0 0 0 / 20%), 0 8px 28px rgb(0 0 0 / 18%); transition: transform 0.15s; }
    .open:hover { transform: scale(1.05); }
    .panel { position: fixed; right: max(20px, env(safe-area-inset-right)); bottom: 92px; z-index: 2147483647;
      width: 400px; height: min(640px, 100dvh - 112px); border-radius: 20px; overflow: hidden;
      background: #fbfaf7; box-shadow: 0 4px 12px rgb(0 0 0 / 12%), 0 16px 56px rgb(0 0 0 / 24%); }
    .panel[hidden] { display: none; }
    iframe { width: 100%; height: 100%; border: 0; color-scheme: normal; }
    .close { position: absolute; top: 10px; right: 8px; width: 44px; height: 44px; color: #5b6863; background: none; }
    .close:hover { background: rgb(91 104 99 / 14%); }
    .close:focus-visible { outline-color: #0f5c4c; }
    @media (prefers-color-scheme: dark) {
      .panel { background: #101513; }
      .close { color: #9dada6; }
      .close:focus-visible { outline-color: #8ed8bf; }
    }
    @media (max-width: 520px), (max-height: 480px) {
      .panel { inset: 0 0 auto; width: 100%; height: var(--height, 100dvh); border-radius: 0; box-shadow: none; }
      .close { top: calc(10px + env(safe-area-inset-top)); }
    }
    @media (prefers-reduced-motion: reduce) { .open { transition: none; } }
  `;
  const wholeScreen = matchMedia("(max-width: 520px), (max-height: 480px)");

  function button(className, label, shape, act) {
    const made = Object.assign(document.createElement("button"), { type: "button", className });
    made.setAttribute("aria-label", label);
    const size = className === "open" ? 28 : 22;
    made.innerHTML = `<svg viewBox="0 0 24 24" width="${size}" height="${size}" aria-hidden="true"><path d="${shape}"/></svg>`;
    made.addEventListener("click", act);
    return made;
  }

  class Widget {
    #host = document.createElement("limitless-chat");
    #panel = Object.assign(document.createElement("div"), { className: "panel", hidden: true });
    #title;
    #opener;
    #closer;
    #frame = null; // made when it is first opened: until then a page pays for the button alone
    #scrolling = "";

    constructor({ title, close, language }) {
      const root = this.#host.attachShadow({ mode: "open" });
      const style = new CSSStyleSheet(); // unlike a style element, no content security policy stops it
      style.replaceSync(STYLE);
      root.adoptedStyleSheets = [style];
      this.#title = title;
      this.#host.lang = language;
      this.#opener = button("open", title, "M21 12a8 8 0 0 1-8 8H4l2-3a8 8 0 1 1 15-5Z", () => this.toggle());
      this.#opener.setAttribute("aria-haspopup", "dialog");
      this.#opener.setAttribute("aria-expanded", "false");
      this.#closer = button("close", close, "m7 7 10 10M17 7 7 17", () => this.toggle(false));
      this.#panel.setAttribute("role", "dialog");
      this.#panel.setAttribute("aria-label", title);
      this.#panel.append(this.#closer);
      root.append(this.#opener, this.#panel);
      root.addEventListener("keydown", ({ key }) => key === "Escape" && this.toggle(false));
      addEventListener("message", (event) => this.#hear(event));
      wholeScreen.addEventListener("change", () => this.#cover());
      visualViewport?.addEventListener("resize", () => this.#fit());
      document.body.append(this.#host);
    }

    toggle(open = this.#panel.hidden) {
      if (open === !this.#panel.hidden) return;
      this.#frame ??= this.#makeFrame();
      this.#panel.hidden = !open;
      this.#opener.setAttribute("aria-expanded", String(open));
      this.#cover();
      if (open) this.#frame.focus();
      else this.#opener.focus();
    }

    #makeFrame() {
      const frame = document.createElement("iframe");
      const address = new URL(`embed/${path}`, home);
      for (const [name, value] of new URLSearchParams(location.search))
        if (KEPT.test(name)) address.searchParams.set(name, value);
      address.hash = begunBefore() ?? "";
      Object.assign(frame, { title: this.#title, src: address.href, allow: "clipboard-write" });
      frame.addEventListener("load", () => !this.#panel.hidden && frame.focus());
      this.#panel.prepend(frame);
      return frame;
    }

    #hear({ source, origin, data }) {
      if (!this.#frame || source !== this.#frame.contentWindow || origin !== home.origin) return;
      if (data === "limitless:close") this.toggle(false);
      if (/^limitless:begun:/.test(data)) remember(data.slice("limitless:begun:".length));
    }

    /** On a phone the open chat is all there is: what lies behind it does not scroll. */
    #cover() {
      const covers = wholeScreen.matches && !this.#panel.hidden;
      const { style } = document.documentElement;
      const covered = this.#panel.getAttribute("aria-modal") === "true";
      if (covers === covered) return;
      this.#panel.setAttribute("aria-modal", String(covers));
      if (covers) this.#scrolling = style.overflow;
      style.overflow = covers ? "hidden" : this.#scrolling;
      this.#fit();
    }

    /** The keyboard of a phone covers the page instead of shrinking it. */
    #fit() {
      if (visualViewport) this.#panel.style.setProperty("--height", `${visualViewport.height}px`);
    }
  }

  function remember(token) {
    try {
      localStorage.setItem(BEGUN, token);
    } catch {
      // forbidden: the conversation lasts as long as the page
    }
  }

  function begunBefore() {
    try {
      return localStorage.getItem(BEGUN);
    } catch {
      return null;
    }
  }

  async function start() {
    try {
      const answer = await fetch(new URL(`api/campaigns/${path}/widget`, home), { credentials: "omit" });
      const found = await answer.json();
      if (!answer.ok) throw new Error(found.error.message);
      if (found.open || begunBefore() !== null) new Widget(found);
    } catch (fault) {
      console.warn(`Limitless: no chat here. ${fault.message}`);
    }
  }

  if (document.body) start();
  else addEventListener("DOMContentLoaded", start);
})();
