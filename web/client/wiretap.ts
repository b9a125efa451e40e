// The latest messages of a connection, for whoever looks for a fault. Sound is counted, not kept.

import type { Way } from "./socket.ts";

const KEPT = 200;
const LONGEST = 2_000;

/** A message, or a run of sound in one direction. */
export interface Noted {
  readonly id: number;
  readonly way: Way;
  /** The first and the last of it, on the page's clock. */
  readonly at: number;
  readonly until: number;
  /** What was said; null for sound. */
  readonly text: string | null;
  readonly frames: number;
  readonly bytes: number;
}

export class Wiretap {
  #noted: readonly Noted[] = [];
  #next = 1;

  /** A message as its text; sound as its length in bytes. */
  note(way: Way, frame: string | number, at: number): void {
    const text = typeof frame === "string" ? frame.slice(0, LONGEST) : null;
    const bytes = typeof frame === "string" ? frame.length : frame;
    const run = text === null ? this.#runOf(way) : -1;
    const last = this.#noted[run];
    if (last === undefined) {
      const one = { id: this.#next++, way, at, until: at, text, frames: 1, bytes };
      this.#noted = [...this.#noted.slice(1 - KEPT), one];
      return;
    }
    const longer = { ...last, until: at, frames: last.frames + 1, bytes: last.bytes + bytes };
    this.#noted = this.#noted.with(run, longer);
  }

  /** Oldest first; another list whenever something was added. */
  get noted(): readonly Noted[] {
    return this.#noted;
  }

  clear(): void {
    this.#noted = [];
  }

  /** Sound of both ways flows side by side: it goes on from the run of its way, if no text came since. */
  #runOf(way: Way): number {
    const lastText = this.#noted.findLastIndex(({ text }) => text !== null);
    const at = this.#noted.findLastIndex((one) => one.text === null && one.way === way);
    return at > lastText ? at : -1;
  }
}
