// The button, and the little card that it becomes during a call. It lives in a shadow of its own:
// no style of the page comes in, and none of ours goes out.

import type { Client } from "../client/client.ts";
import type { Config } from "../client/config.ts";
import type { Choices } from "../client/protocol.ts";
import { presenceOf, type State } from "../client/state.ts";
import type { Talk } from "../src/messages/talk/en.ts";
import { drawVoiceLine } from "../src/views/call/drawVoiceLine.ts";
import { clientFor, settingsOf, type Token } from "./call.ts";
import css from "./card.css?inline";

export interface CardOptions {
  /** The address of the server's root. */
  server: string;
  choices: Choices;
  token: Token;
  words: Talk;
  label: string;
  side: "left" | "right";
  theme: "light" | "dark" | undefined;
}

const ICON =
  "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3";

export class Card {
  #options: CardOptions;
  #settings: Promise<Config | null> | null = null;
  #client: Client | null = null;
  #endings: (() => void)[] = [];
  #begin = made("button", "begin");
  #card = made("section", "card");
  #line = made("canvas", "line");
  #presence = made("p", "presence");
  #words = made("p", "words");
  #problem = made("p", "problem");

  constructor(host: HTMLElement, options: CardOptions) {
    this.#options = options;
    const { words, label, side, theme } = options;
    const shadow = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    shadow.adoptedStyleSheets = [sheet];

    this.#begin.type = "button";
    this.#begin.append(icon(), label);
    this.#begin.addEventListener("click", () => void this.#start());
    // Asked for a moment earlier: what follows the click must follow it soon.
    for (const early of ["pointerenter", "pointerdown", "focus"]) {
      this.#begin.addEventListener(early, () => void this.#ask());
    }

    const end = made("button", "end");
    end.type = "button";
    end.append(words.end);
    end.addEventListener("click", () => this.#end());
    this.#card.ariaLabel = label;
    this.#line.ariaHidden = "true";
    this.#presence.role = "status";
    const foot = made("footer", "foot");
    foot.append(this.#presence, end);
    this.#card.append(this.#words, this.#line, foot);
    this.#card.hidden = true;
    this.#problem.role = "alert";
    const root = made("div", "root");
    root.dataset.side = side;
    if (theme) root.dataset.theme = theme;
    root.append(this.#problem, this.#card, this.#begin);
    shadow.append(root);
  }

  #ask(): Promise<Config | null> {
    this.#settings ??= settingsOf(this.#options.server, this.#options.token);
    return this.#settings;
  }

  async #start(): Promise<void> {
    if (this.#client !== null) return;
    this.#problem.textContent = "";
    const config = await this.#ask();
    if (config === null) {
      this.#settings = null; // the next click asks again
      this.#problem.textContent = this.#options.words.notThere;
      return;
    }
    const client = clientFor(config, this.#options.choices, this.#options.token);
    this.#client = client;
    this.#endings = [
      client.store.subscribe(() => this.#show(client.state)),
      drawVoiceLine(this.#line, client),
    ];
    client.open();
    this.#turn(true);
    await client.startCall();
    // Refused: the reason is on the page, and the button is back.
    if (client.state.call === "off") this.#end();
    else this.#card.querySelector("button")?.focus();
  }

  #end(): void {
    for (const ending of this.#endings.splice(0)) ending();
    this.#client?.close();
    this.#client = null;
    const hadFocus = this.#card.matches(":focus-within");
    this.#turn(false);
    if (hadFocus) this.#begin.focus();
  }

  #turn(isOn: boolean): void {
    this.#card.hidden = !isOn;
    this.#begin.hidden = isOn;
    this.#words.textContent = "";
  }

  #show(state: State): void {
    const { presence: words, problems } = this.#options.words;
    const presence = presenceOf(state);
    this.#card.dataset.presence = presence;
    if (this.#presence.textContent !== words[presence])
      this.#presence.textContent = words[presence];
    const [text, who] = latestOf(state);
    this.#words.textContent = text;
    this.#words.dataset.who = who;
    const { problem } = state;
    const sentence =
      problem?.code === "server" ? problem.sentence : problem && problems[problem.code];
    if (this.#problem.textContent !== (sentence ?? "")) this.#problem.textContent = sentence ?? "";
  }
}

/** What is being said just now, or was said last; of a reply, as far as it was heard. */
function latestOf({ interim, items }: State): [string, "you" | "it"] {
  if (interim) return [interim, "you"];
  const last = items.findLast((item) => item.kind !== "note" && item.text !== "");
  if (last?.kind === "reply") return [last.text.slice(0, last.heard), "it"];
  return [last?.kind === "user" ? last.text : "", "you"];
}

function made<Name extends keyof HTMLElementTagNameMap>(name: Name, className: string) {
  const element = document.createElement(name);
  element.className = className;
  return element;
}

function icon(): SVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.ariaHidden = "true";
  path.setAttribute("d", ICON);
  svg.append(path);
  return svg;
}
