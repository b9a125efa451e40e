// The microphone in a call: opened, closed, replaced when it goes away, and watched.

import type { Captured } from "./audio/messages.ts";
import { Microphone } from "./audio/microphone.ts";
import { levelOf } from "./audio/pcm.ts";
import type { Event } from "./events.ts";
import { microphoneProblem } from "./problems.ts";
import { isMicOpen, type Problem, type State } from "./state.ts";
import { WakeLock } from "./wake.ts";

const SILENT_FRAMES_MS = 5_000; // a microphone that gives nothing but zeros for so long is off
const LEVEL_EVERY_MS = 80;

export interface EarOptions {
  worklet: string;
  frameSamples: number;
  /** The device to listen to; "" is the usual one. */
  deviceId: string;
}

export interface EarListeners {
  state(): State;
  happen(event: Event): void;
  /** What was heard during a call, unless nothing is to be sent. */
  onSound(pcm: ArrayBuffer): void;
}

export class Ear {
  #microphone: Microphone;
  #listeners: EarListeners;
  #wake = new WakeLock();
  #deviceId: string;
  #began: number | null = null;
  #levelAt = 0;

  constructor({ worklet, frameSamples, deviceId }: EarOptions, listeners: EarListeners) {
    this.#listeners = listeners;
    this.#deviceId = deviceId;
    this.#microphone = new Microphone({
      worklet,
      frameSamples,
      onFrame: (captured) => this.#captured(captured),
      onGone: () => void this.#gone(),
      onPaused: (isPaused) => this.#paused(isPaused),
    });
  }

  /** What is heard just now, for whoever draws it; null while nothing is listened to. */
  get analyser(): AnalyserNode | null {
    return this.#microphone.analyser;
  }

  /** Begins a call, or changes the device in one. */
  async open(): Promise<void> {
    const problem = await this.#listenTo(this.#deviceId);
    if (problem?.code === "device-gone" && this.#deviceId) await this.#fallBack();
    else if (problem !== null) this.#fail(problem);
  }

  close(): void {
    this.#microphone.stop();
    this.#wake.isWanted = false;
    this.#listeners.happen({ type: "call", call: "off", at: now() });
  }

  /** Listens without sending anything, for a level to be seen; a call goes on as it is. */
  async preview(wanted: boolean): Promise<void> {
    if (this.#listeners.state().call !== "off") return;
    if (!wanted) {
      this.#microphone.stop();
      this.#listeners.happen({ type: "level", level: 0, at: now() });
      return;
    }
    try {
      this.#began = now();
      await this.#microphone.start(this.#deviceId);
    } catch (error) {
      this.#listeners.happen({ type: "problem", problem: microphoneProblem(error) });
    }
  }

  async choose(deviceId: string): Promise<void> {
    this.#deviceId = deviceId;
    if (this.#isInCall) await this.open();
    else if (this.analyser !== null) await this.preview(true);
  }

  /** Lets through what is heard, or silence, as the state says. */
  setGate(): void {
    this.#microphone.isOpen = isMicOpen(this.#listeners.state());
  }

  /** The page is seen again. */
  wake(): void {
    this.#microphone.wake();
    void this.#wake.renew();
  }

  get #isInCall(): boolean {
    return this.#listeners.state().call === "on";
  }

  /** Gives what went wrong, if something did. */
  async #listenTo(deviceId: string): Promise<Problem | null> {
    try {
      this.#began = now();
      if (!(await this.#microphone.start(deviceId))) return null;
      if (!this.#isInCall) this.#listeners.happen({ type: "call", call: "on", at: now() });
      this.setGate();
      this.#wake.isWanted = true;
      return null;
    } catch (error) {
      return microphoneProblem(error);
    }
  }

  /** A microphone is not there any more: the usual one takes over, and the user is told. */
  async #fallBack(): Promise<void> {
    const problem = await this.#listenTo("");
    if (problem !== null) this.#fail(problem);
    else if (this.#isInCall) {
      this.#listeners.happen({ type: "problem", problem: { code: "device-gone" } });
    }
  }

  /** What was unplugged may have been the usual one; then there is another by now, or none. */
  async #gone(): Promise<void> {
    if (this.#isInCall) return this.#fallBack();
    this.close();
    this.#listeners.happen({ type: "problem", problem: { code: "mic-gone" } });
  }

  #fail(problem: Problem): void {
    this.close();
    this.#listeners.happen({ type: "problem", problem });
  }

  /** A phone call or a switch of the system's own; the browser says when that is over. */
  #paused(isPaused: boolean): void {
    const { state, happen } = this.#listeners;
    if (isPaused) happen({ type: "problem", problem: { code: "mic-paused" } });
    else if (state().problem?.code === "mic-paused") happen({ type: "dismissed" });
  }

  #captured({ pcm, rms }: Captured): void {
    const state = this.#listeners.state();
    const isOpen = isMicOpen(state);
    // Hands-free, a muted microphone sends silence, so that the server still hears a turn end.
    if (state.call === "on" && (isOpen || state.talkMode === "hands-free")) {
      this.#listeners.onSound(pcm);
    }
    if (isOpen) this.#watchForSilence(rms);
    const at = now();
    if (at - this.#levelAt < LEVEL_EVERY_MS) return;
    this.#levelAt = at;
    this.#listeners.happen({ type: "level", level: isOpen ? levelOf(rms) : 0, at });
  }

  /** A microphone that gives nothing but zeros from the start is worth a word. */
  #watchForSilence(rms: number): void {
    if (this.#began === null) return;
    const isSilent = rms === 0;
    if (isSilent && now() - this.#began < SILENT_FRAMES_MS) return;
    this.#began = null;
    if (isSilent) this.#listeners.happen({ type: "problem", problem: { code: "mic-silent" } });
  }
}

const now = () => performance.now();
