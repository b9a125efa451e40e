// Joins the parts: what people do and devices report become events, and what the state then says
// becomes sound and messages.

import { type Devices, listDevices, watchDevices } from "./audio/devices.ts";
import type { Speaker } from "./audio/speaker.ts";
import { type Config, usualLanguage } from "./config.ts";
import { Ear } from "./ear.ts";
import type { Event } from "./events.ts";
import { Mouth } from "./mouth.ts";
import { obstacle } from "./problems.ts";
import { type Choices, type Told, wish } from "./protocol.ts";
import { reduce } from "./reducer.ts";
import { Socket, socketUrl } from "./socket.ts";
import {
  audibleReply,
  canStop,
  initial,
  isMicOpen,
  replyOf,
  type State,
  type TalkMode,
} from "./state.ts";
import { Store } from "./store.ts";
import { TalkKey } from "./talkKey.ts";
import { Wiretap } from "./wiretap.ts";

const INTERIM_LASTS_MS = 10_000; // words that never became final must not stand there for ever

export interface ClientOptions {
  config: Config;
  /** The addresses of the two compiled audio worklets. */
  worklets: { capture: string; playback: string };
  choices?: Choices;
  volume?: number;
  microphone?: string | undefined;
  speaker?: string | undefined;
  /** Asks for the course of every turn, for whoever shows it. */
  trace?: boolean;
  /** Puts a token into the address, where the server asks for one. */
  token?: (url: string) => string | Promise<string>;
  /** How a server is told which lost conversation to go on with; `?resume=…` by default. */
  resume?: (url: string, lostSession: string) => string;
}

export class Client {
  readonly store = new Store<State, Event>(initial, reduce);
  readonly ear: Ear;
  /** The latest messages, for whoever looks for a fault. */
  readonly wiretap = new Wiretap();
  #options: ClientOptions;
  #mouth: Mouth;
  #socket: Socket;
  #talkKey: TalkKey;
  #choices: Choices;
  #fading: ReturnType<typeof setTimeout> | undefined;
  #endings: (() => void)[] = [];

  constructor(options: ClientOptions) {
    const { config, worklets, choices = {}, volume = config.defaultVolume } = options;
    this.#options = options;
    this.#choices = choices;
    this.ear = new Ear(
      {
        worklet: worklets.capture,
        frameSamples: config.chunkSamples,
        deviceId: options.microphone ?? "",
      },
      {
        state: () => this.state,
        happen: (event) => this.#happen(event),
        onSound: (pcm) => this.#talkKey.take(pcm),
      },
    );
    this.#mouth = new Mouth(
      {
        worklet: worklets.playback,
        rateHz: config.outputRateHz,
        gatherSamples: config.gatherSamples,
        phrasesAhead: config.phrasesAhead,
        volume,
      },
      {
        state: () => this.state,
        happen: (event) => this.#happen(event),
        onPlayed: (reply, ms) => this.#tellPlayed(reply, ms),
      },
    );
    if (options.speaker) void this.chooseSpeaker(options.speaker);
    this.#talkKey = new TalkKey({
      begin: () => this.#socket.sendAfterSound(wish.start()),
      end: () => this.#socket.sendAfterSound(wish.stop()),
      sound: (pcm) => this.#socket.sendSound(pcm),
    });
    this.#socket = new Socket(
      { address: (lost) => this.#address(lost) },
      {
        onLink: (link) => this.#linked(link),
        onTold: (told) => this.#told(told),
        onRoundTrip: (roundTripMs) => this.#happen({ type: "ponged", roundTripMs }),
        onFrame: (way, frame) => this.wiretap.note(way, frame, now()),
      },
    );
    this.#happen({ type: "persona", persona: choices.persona ?? "" });
    if (!config.enableAudio) this.#happen({ type: "audible", audible: false });
  }

  /** Connects, and stays connected until `close`. */
  open(): void {
    const listen = (target: EventTarget, name: string, what: () => void) => {
      target.addEventListener(name, what);
      this.#endings.push(() => target.removeEventListener(name, what));
    };
    listen(window, "online", () => this.#socket.nudge());
    // What was opened without a click, or paused by a phone call, may go on after one.
    for (const gesture of ["pointerdown", "keydown"]) listen(window, gesture, () => this.#wake());
    this.#endings.push(watchDevices(() => void this.#mouth.lookForDevice()));
    listen(document, "visibilitychange", () => {
      if (document.visibilityState === "visible") this.#seenAgain();
    });
    this.#socket.open();
  }

  close(): void {
    for (const end of this.#endings.splice(0)) end();
    this.endCall();
    this.speaker.close();
    this.#socket.close();
  }

  // ------------------------------------------------------------ talking

  /** Begins to listen. Call it from a key or a click: browsers allow sound only then. */
  async startCall(): Promise<void> {
    const problem = obstacle();
    if (problem !== null) return this.#happen({ type: "problem", problem });
    this.#happen({ type: "call", call: "starting", at: now() });
    this.#mouth.open();
    await this.ear.open();
  }

  endCall(): void {
    this.ear.close();
  }

  mute(muted: boolean): void {
    this.#happen({ type: "muted", muted });
    this.ear.setGate();
  }

  setTalkMode(mode: TalkMode): void {
    this.#happen({ type: "talk-mode", mode });
    this.ear.setGate();
  }

  /**
   * The talk key goes down or up: what is said in between is one turn, answered at once. Who presses
   * it during a reply wants to be heard: it stops.
   */
  hold(held: boolean): void {
    const { state } = this;
    if (state.call !== "on" || state.held === held) return;
    if (held) {
      this.stop();
      this.#talkKey.press();
    }
    this.#happen({ type: "held", held });
    this.ear.setGate();
  }

  /** A typed turn in the same conversation; gives false when there is no connection. */
  say(text: string): boolean {
    const message = text.trim();
    if (message === "") return false;
    // What is still heard will be cut off by this: the server learns first how far it came.
    const cut = replyOf(this.state, audibleReply(this.state));
    if (cut !== null) this.#tellPlayed(cut.reply, cut.playedMs);
    if (!this.#socket.send(wish.chat(message))) return false;
    this.#happen({ type: "typed", text: message, at: now() });
    this.#mouth.open();
    return true;
  }

  /** Silence at once, whatever the server is doing. */
  stop(): void {
    if (!canStop(this.state)) return;
    this.#happen({ type: "stopped", at: now() });
    this.#socket.send(wish.interrupt());
  }

  // ------------------------------------------------------------ choosing

  /** All that is chosen. What is left out is the server's own; only a new session goes back to that. */
  choose(choices: Choices): void {
    const before = this.#choices;
    this.#choices = choices;
    this.#happen({ type: "persona", persona: choices.persona ?? "" });
    const isUndone = (name: "persona" | "voice" | "language") => before[name] && !choices[name];
    const language = usualLanguage(this.#options.config, choices);
    if (isUndone("persona") || (isUndone("language") && language === "")) {
      this.#socket.open();
      return;
    }
    const changed = changedIn(before, choices);
    if (isUndone("voice")) changed.voice = this.#usualVoice(choices);
    if (isUndone("language")) changed.language = language;
    this.#socket.send(wish.config(changed));
  }

  /** Forgets what was said, here and on the server. */
  beginAnew(): void {
    this.#happen({ type: "forgotten" });
    this.#socket.close();
    this.#socket.open();
  }

  /** Clears the page of what was said; the server goes on remembering it. */
  clear(): void {
    this.#happen({ type: "cleared" });
  }

  chooseSpeaker(deviceId: string): Promise<void> {
    return this.#mouth.choose(deviceId);
  }

  /** What plays the replies: its volume, and what is heard just now. */
  get speaker(): Speaker {
    return this.#mouth.speaker;
  }

  /** Tells of the devices now and after every change; gives the function that ends it. */
  watchDevices(onDevices: (devices: Devices) => void): () => void {
    const tell = () => void listDevices().then(onDevices);
    tell();
    return watchDevices(tell);
  }

  get state(): State {
    return this.store.getSnapshot();
  }

  dismiss(): void {
    this.#happen({ type: "dismissed" });
  }

  restore(items: State["items"]): void {
    this.#happen({ type: "restored", items });
  }

  #usualVoice({ persona }: Choices): string {
    const { personas, defaultVoice } = this.#options.config;
    return personas.find(({ value }) => value === persona)?.voice ?? defaultVoice;
  }

  // ------------------------------------------------------------ the one place where things happen

  #happen(event: Event): void {
    const before = this.state;
    this.store.happen(event);
    const after = this.state;
    if (after.silenced > before.silenced || after.sessionId !== before.sessionId) {
      this.speaker.flush();
    }
    if (before.held && !after.held) this.#talkKey.release(after.call === "on" && isMicOpen(after));
    if (after.interim !== before.interim) this.#fadeLater(after.interim);
  }

  #told(told: Told): void {
    this.#happen({ type: "told", told, at: now() });
    if (told.kind === "sound") this.#mouth.say(told);
  }

  #linked(link: State["link"]): void {
    this.#happen({ type: "link", link });
    if (link !== "open") return;
    const settings = this.#options.trace ? { ...this.#choices, trace: true } : this.#choices;
    if (Object.keys(settings).length > 0) this.#socket.send(wish.config(settings));
    if (this.#talkKey.holdsTurn) this.#socket.send(wish.start()); // what waits was said since then
  }

  #address(lostSession: string | null): string | Promise<string> {
    const url = socketUrl(this.#options.config.websocketUrl, location.href);
    const { resume = resumedAt, token = (address) => address } = this.#options;
    return token(lostSession === null ? url : resume(url, lostSession));
  }

  #fadeLater(interim: string): void {
    clearTimeout(this.#fading);
    if (interim === "") return;
    this.#fading = setTimeout(() => this.#happen({ type: "interim-faded" }), INTERIM_LASTS_MS);
  }

  /** The last word about a reply of an old connection would be taken for one of the new. */
  #tellPlayed(reply: number, ms: number): void {
    if (replyOf(this.state, reply) !== null) this.#socket.send(wish.played(reply, ms));
  }

  #seenAgain(): void {
    this.#socket.nudge();
    this.#wake();
  }

  #wake(): void {
    this.speaker.wake();
    this.ear.wake();
  }
}

const now = () => performance.now();

/** Only what changed: a persona that is sent again would be made to forget everything. */
function changedIn(before: Choices, choices: Choices): Choices {
  const changed = Object.entries(choices).filter(
    ([name, value]) => before[name as keyof Choices] !== value,
  );
  return Object.fromEntries(changed);
}

function resumedAt(url: string, lostSession: string): string {
  const address = new URL(url);
  address.searchParams.set("resume", lostSession);
  return address.href;
}
