// The course of a turn: what lies between the last word of a question and the first sound of its
// answer, by the server's clock and by the page's.

import type { Moments, ReplyItem, State, TurnTrace } from "./state.ts";
import { gapOf, onPageClock } from "./traces.ts";

/** What a stage ends with, in the order in which it matters; the server's words for it. */
export const STAGES = [
  "stt_done",
  "decided",
  "llm_first_token",
  "tts_first_chunk",
  "first_sound_sent",
  "first_sound_played",
] as const;
export type Stage = (typeof STAGES)[number];

/** What the page noticed of the same. */
const SEEN: Record<Stage, keyof Moments> = {
  stt_done: "asked",
  decided: "replying",
  llm_first_token: "firstWords",
  tts_first_chunk: "firstSound",
  first_sound_sent: "firstSound",
  first_sound_played: "firstHeard",
};

/** Where the work on a stage begins; it may go on while something else is waited for. */
const BEGINS: Partial<Record<Stage, string>> = {
  stt_done: "stt_start",
  llm_first_token: "llm_start",
  tts_first_chunk: "tts_start",
};

/** All in milliseconds since the last word. */
export interface Step {
  stage: Stage;
  serverMs: number | null;
  pageMs: number | null;
  /** Its share of the gap: what it was later than everything before it. */
  fromMs: number;
  toMs: number;
  /** From when to when it was worked on, where that is known. */
  work: readonly [number, number] | null;
}

export interface Course {
  turn: string;
  /** Milliseconds since 1970, on the server's clock. */
  began: number;
  reply: ReplyItem | null;
  steps: Step[];
  slowest: Step | null;
  /** To the first sound that was heard, or that was sent where nobody heard it; null without any. */
  gapMs: number | null;
  outcome: "complete" | "interrupted" | "live";
  events: { event: string; ms: number }[];
}

export function courseOf(state: State, trace: TurnTrace): Course {
  const found = state.items.findLast((item) => item.id === trace.item);
  const reply = found?.kind === "reply" ? found : null;
  const marks = new Map(trace.marks.map(({ event, serverMs }) => [event, serverMs]));
  const began = marks.get("turn_started") ?? trace.marks[0]?.serverMs ?? 0;
  const steps = stepsOf(state, marks, began, reply);
  const played = reply && gapOf(state, reply);
  const last = steps.at(-1);
  const isHeard = last?.stage === "first_sound_played" || last?.stage === "first_sound_sent";
  return {
    turn: trace.turn,
    began,
    reply,
    steps,
    slowest: steps.reduce<Step | null>((a, b) => (a && shareOf(a) >= shareOf(b) ? a : b), null),
    gapMs: isHeard ? last.toMs : played,
    outcome: marks.has("turn_complete")
      ? "complete"
      : marks.has("turn_interrupted")
        ? "interrupted"
        : "live",
    events: trace.marks.map(({ event, serverMs }) => ({ event, ms: serverMs - began })),
  };
}

function stepsOf(
  state: State,
  marks: Map<string, number>,
  began: number,
  reply: ReplyItem | null,
): Step[] {
  const zero = onPageClock(state, began);
  const since = (event: string) => {
    const at = marks.get(event);
    return at === undefined ? null : Math.max(0, at - began);
  };
  const steps: Step[] = [];
  let reached = 0;
  for (const stage of STAGES) {
    const seen = reply?.moments[SEEN[stage]] ?? null;
    const pageMs = seen === null || zero === null ? null : Math.max(0, seen - zero);
    const serverMs = since(stage);
    // What was heard, the page knows best; of all else it is only told.
    const at = stage === "first_sound_played" ? (pageMs ?? serverMs) : serverMs;
    if (at === null) continue;
    const begins = BEGINS[stage] === undefined ? null : since(BEGINS[stage]);
    const toMs = Math.max(reached, at);
    const work = begins === null || begins >= at ? null : ([begins, at] as const);
    steps.push({ stage, serverMs, pageMs, fromMs: reached, toMs, work });
    reached = toMs;
  }
  return steps;
}

export const shareOf = ({ fromMs, toMs }: Step) => toMs - fromMs;

/** The value that so many of a hundred don't exceed; null of none. */
export function percentile(values: readonly number[], percent: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? null;
}
