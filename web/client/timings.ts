// Where the time went between the last word of a question and the first sound of its answer.

import type { Moments, ReplyItem } from "./state.ts";

export type Stage = "listening" | "deciding" | "thinking" | "voicing" | "travelling";

/** One bar of the waterfall; bars of a turn touch each other and add up to the whole. */
export interface Span {
  stage: Stage;
  fromMs: number;
  toMs: number;
}

const EDGES: readonly [Stage, keyof Moments][] = [
  ["listening", "asked"], // the wait for more words, and the transcript
  ["deciding", "replying"],
  ["thinking", "firstWords"],
  ["voicing", "firstSound"],
  ["travelling", "firstHeard"],
];

/** The bars of a reply, counted from the last loud moment of the question. */
export function spansOf({ moments }: ReplyItem): Span[] {
  const zero = moments.voiceEnded ?? moments.asked;
  if (zero === null) return [];
  const spans: Span[] = [];
  let fromMs = 0;
  for (const [stage, moment] of EDGES) {
    const at = moments[moment];
    if (at === null) break;
    const toMs = Math.max(fromMs, at - zero);
    if (toMs > fromMs) spans.push({ stage, fromMs, toMs });
    fromMs = toMs;
  }
  return spans;
}

/** From the end of the question to the first sound that was heard, or null. */
export function gapMs({ moments }: ReplyItem): number | null {
  const zero = moments.voiceEnded ?? moments.asked;
  return zero === null || moments.firstHeard === null ? null : moments.firstHeard - zero;
}
