// A button to talk, for any page:
//
//   <script async src="https://your.server/widget.js" data-label="Ask us" data-persona="astronaut"></script>
//
// A server that asks for keys gets a token: yours has it from POST /tokens, and hands it out as text
// at the address in `data-token-url`; or it writes it into the page, as `data-token`.
//
// `data-language`, `data-voice`, `data-side="left"` and `data-theme="dark"` are understood too. The
// server must name the page's origin in CORS_ORIGINS.

import type { Choices } from "../client/protocol.ts";
import { tongueOf } from "../src/messages/tongues.ts";
import { Card } from "./card.ts";
import { WORDS } from "./words.ts";

const script = document.currentScript;

function begin({ src, dataset }: HTMLScriptElement): void {
  const { label, persona, voice, language, side, theme, token = "", tokenUrl } = dataset;
  const choices: Choices = {};
  if (persona) choices.persona = persona;
  if (voice) choices.voice = voice;
  if (language) choices.language = language;
  const pageTongue = document.documentElement.lang;
  const words = WORDS[tongueOf(language, [pageTongue, ...navigator.languages])];
  const host = document.createElement("repartee-call");
  new Card(host, {
    server: new URL("./", src).href,
    choices,
    token: async () => (tokenUrl ? (await (await fetch(tokenUrl)).text()).trim() : token),
    words,
    label: label || words.start,
    side: side === "left" ? "left" : "right",
    theme: theme === "light" || theme === "dark" ? theme : undefined,
  });
  document.body.append(host);
}

if (script instanceof HTMLScriptElement) {
  if (document.body) begin(script);
  else addEventListener("DOMContentLoaded", () => begin(script));
}
