// The loudspeaker in a call: opened, replaced when it goes away, and watched.

import { listDevices } from "./audio/devices.ts";
import { Speaker, type SpeakerOptions } from "./audio/speaker.ts";
import type { Event } from "./events.ts";
import { obstacle } from "./problems.ts";
import type { Told } from "./protocol.ts";
import { mayBeHeard, type State } from "./state.ts";

export interface MouthListeners {
  state(): State;
  happen(event: Event): void;
  /** So much of a reply was heard; not for every little step of it. */
  onPlayed(reply: number, ms: number): void;
}

const PLAYED_EVERY_MS = 250;

type Sound = Extract<Told, { kind: "sound" }>;

export class Mouth {
  readonly speaker: Speaker;
  #listeners: MouthListeners;
  #deviceId = "";
  #playedAt = 0;

  constructor(options: SpeakerOptions, listeners: MouthListeners) {
    const { happen } = listeners;
    this.#listeners = listeners;
    this.speaker = new Speaker(options, {
      onQueued: (reply, text, startMs, endMs) =>
        happen({ type: "queued", reply, text, startMs, endMs }),
      onPlayed: (reply, ms) => this.#played(reply, ms),
      onSounding: (reply) => happen({ type: "sounding", reply, at: now() }),
    });
  }

  /** Call it from a key or a click: browsers allow sound only then. */
  open(): void {
    if (!this.#listeners.state().audible) return;
    claimAudioSession();
    this.speaker.open().catch(() => this.#failed());
  }

  say({ reply, encoding, base64, text }: Sound): void {
    const state = this.#listeners.state();
    if (!state.audible || !mayBeHeard(state, reply)) return;
    const played =
      encoding === "wav"
        ? this.speaker.playPhrase(reply, base64, text)
        : this.speaker.playPiece(reply, base64, text);
    played.catch(() => this.#failed());
  }

  async choose(deviceId: string): Promise<void> {
    this.#deviceId = deviceId;
    try {
      await this.speaker.choose(deviceId);
    } catch {
      this.#listeners.happen({ type: "problem", problem: { code: "device-gone" } });
    }
  }

  /** Something was plugged in or pulled out: a chosen loudspeaker that is gone plays nothing. */
  async lookForDevice(): Promise<void> {
    const { speakers } = await listDevices();
    const isThere = speakers.length === 0 || speakers.some(({ id }) => id === this.#deviceId);
    if (this.#deviceId === "" || isThere) return;
    await this.choose("");
    this.#listeners.happen({ type: "problem", problem: { code: "device-gone" } });
  }

  /** From now on replies are read; the words say so, and what helps. */
  #failed(): void {
    const { state, happen } = this.#listeners;
    happen({ type: "audible", audible: false });
    if (state().problem !== null) return;
    happen({ type: "problem", problem: obstacle() ?? { code: "output-failed" } });
  }

  #played(reply: number, ms: number): void {
    const { state, happen, onPlayed } = this.#listeners;
    const at = now();
    happen({ type: "played", reply, ms, at });
    if (at - this.#playedAt < PLAYED_EVERY_MS && state().sounding === reply) return;
    this.#playedAt = at;
    onPlayed(reply, ms);
  }
}

const now = () => performance.now();

/** On an iPhone, sound is then heard though the ring switch is off, and the microphone stays open. */
function claimAudioSession(): void {
  const session = (navigator as { audioSession?: { type: string } }).audioSession;
  if (session) session.type = "play-and-record";
}
