// The lead's page: brings the parts together.

import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { framed, settleIntoFrame } from "./embedding.js";
import { Privacy } from "./privacy.js";
import { Store } from "./store.js";
import { keepTokenIn } from "./stream.js";
import { View } from "./view.js";

const { code, agent, strings: json } = document.body.dataset;
const strings = JSON.parse(json);

const store = new Store(code);
if (framed) keepTokenIn(settleIntoFrame(store));
const view = new View(strings, agent);
const composer = new Composer(strings, store);
const conversation = new Conversation(code, store, view);

view.onRetry = (key) => conversation.again(key);
composer.onSend = (text) => conversation.say(text);
conversation.onKnown = () => composer.askName(false);
conversation.onUnsent = (text) => composer.giveBack(text);
conversation.start();

new Privacy(strings, conversation).onDeleted = () => {
  store.forget();
  location.reload();
};

// The on-screen keyboard covers the page on iOS instead of shrinking it. Zooming in is left alone.
const { visualViewport } = window;
visualViewport?.addEventListener("resize", () => {
  if (Math.abs(visualViewport.scale - 1) > 0.01) return;
  document.documentElement.style.setProperty("--height", `${visualViewport.height}px`);
  scrollTo(0, 0);
});
