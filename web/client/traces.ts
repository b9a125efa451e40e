// The course of each turn as the server tells it, tied to the reply that the page shows.

import type { Told } from "./protocol.ts";
import { type ClockOffset, type ReplyItem, replyOf, type State, type TurnTrace } from "./state.ts";
import { gapMs } from "./timings.ts";

const TURNS_KEPT = 100;
const MARKS_KEPT = 60;
const DRIFT_PER_MS = 1e-4; // clocks run apart a little, so what was found long ago counts less
const ENDS = new Set(["turn_complete", "turn_interrupted"]);

type Traced = Extract<Told, { kind: "traced" }>;

export function traced(state: State, told: Traced, at: number): State {
  const clock = clockAfter(state.clock, told.serverMs, at);
  const index = state.traces.findLastIndex(({ turn }) => turn === told.turn);
  const before = state.traces[index] ?? begun(state, told.turn);
  const marks = [...before.marks, { event: told.event, serverMs: told.serverMs }];
  const item = itemOf(state, told.reply) ?? before.item;
  const why = told.why ?? before.why;
  const trace: TurnTrace = { ...before, item, marks: marks.slice(0, MARKS_KEPT), why };
  const traces = index < 0 ? [...state.traces, trace] : state.traces.with(index, trace);
  return { ...state, clock, traces: traces.slice(-TURNS_KEPT) };
}

/** A reply begins: the turn it answers may have been told of just before. */
export function withTrace(state: State, item: number): State {
  const last = state.traces.at(-1);
  if (last === undefined || last.item !== null || isOver(last)) return state;
  return { ...state, traces: state.traces.with(-1, { ...last, item }) };
}

/** What is shown of the reply with this number, which the server may tell. */
const itemOf = (state: State, reply: number) => replyOf(state, reply)?.id ?? null;

/** A turn that is told of after its reply began belongs to that reply. */
function begun(state: State, turn: string): TurnTrace {
  const latest = state.items.findLast((item) => item.kind === "reply" && item.reply > 0);
  const isTaken = state.traces.some(({ item }) => item === latest?.id);
  const isAnswered = latest?.kind === "reply" && latest.status === "live" && !isTaken;
  return { turn, item: isAnswered ? latest.id : null, marks: [], why: null };
}

/** Messages are at times late and never early, so the least that one was under way is the truth. */
function clockAfter(before: ClockOffset | null, serverMs: number, at: number): ClockOffset {
  const seen = at - serverMs;
  if (before === null) return { leastMs: seen, at };
  return { leastMs: Math.min(seen, before.leastMs + (at - before.at) * DRIFT_PER_MS), at };
}

/** A moment of the server on the page's clock. */
export function onPageClock({ clock, roundTripMs }: State, serverMs: number): number | null {
  return clock && serverMs + clock.leastMs - (roundTripMs ?? 0) / 2;
}

/** From the last word to the first sound that was heard: as the server heard the last word, if it says. */
export function gapOf(state: State, item: ReplyItem): number | null {
  const { firstHeard } = item.moments;
  if (firstHeard === null) return null;
  const over = endsOf(state.traces).get(item.id);
  const zero = over === undefined ? null : onPageClock(state, over);
  return zero === null ? gapMs(item) : Math.max(0, firstHeard - zero);
}

const ends = new WeakMap<State["traces"], Map<number, number>>();

/** When each item's question ended, by the server's clock: looked up by every line on the page. */
function endsOf(traces: State["traces"]): Map<number, number> {
  let found = ends.get(traces);
  if (found !== undefined) return found;
  found = new Map();
  for (const { item, marks } of traces) {
    const over = marks.find(({ event }) => event === "turn_started");
    if (item !== null && over !== undefined) found.set(item, over.serverMs);
  }
  ends.set(traces, found);
  return found;
}

const isOver = ({ marks }: TurnTrace) => marks.some(({ event }) => ENDS.has(event));
