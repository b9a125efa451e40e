// Plays a recorded exchange to the reducer, with a loudspeaker that plays what arrives in real time.

import type { Event } from "../../client/events.ts";
import { parse } from "../../client/protocol.ts";
import { reduce } from "../../client/reducer.ts";
import { initial, mayBeHeard, type ReplyItem, type State } from "../../client/state.ts";

export interface Recorded {
  at: number;
  frame: unknown;
  soundMs?: number;
}

const STEP_MS = 40;

/** The states after every event, the first being the one before any. */
export function play(exchange: Recorded[], from: State = initial): State[] {
  const states = [from];
  const queues = new Map<number, { arrivedMs: number; playedMs: number }>();
  const happen = (event: Event) => {
    states.push(reduce(last(states), event));
  };
  let clock = exchange[0]?.at ?? 0;
  const playUntil = (until: number) => {
    for (; clock < until; clock += STEP_MS) {
      const { reply } = last(states);
      const queue = queues.get(reply);
      const waits = queue !== undefined && queue.playedMs < queue.arrivedMs;
      const sounding = waits && mayBeHeard(last(states), reply) ? reply : 0;
      if (sounding !== last(states).sounding)
        happen({ type: "sounding", reply: sounding, at: clock });
      if (queue === undefined || sounding === 0) continue;
      queue.playedMs = Math.min(queue.arrivedMs, queue.playedMs + STEP_MS);
      happen({ type: "played", reply, ms: queue.playedMs, at: clock });
    }
  };
  for (const { at, frame, soundMs } of exchange) {
    playUntil(at);
    const told = parse(JSON.stringify(frame));
    if (told === null) throw new Error(`not understood: ${JSON.stringify(frame)}`);
    happen({ type: "told", told, at });
    if (told.kind !== "sound" || soundMs === undefined) continue;
    const { reply, text } = told;
    if (!mayBeHeard(last(states), reply)) continue;
    const queue = queues.get(reply) ?? { arrivedMs: 0, playedMs: 0 };
    queues.set(reply, queue);
    const startMs = queue.arrivedMs;
    queue.arrivedMs += soundMs;
    happen({ type: "queued", reply, text, startMs, endMs: queue.arrivedMs });
  }
  const rest = Math.max(0, ...[...queues.values()].map((one) => one.arrivedMs - one.playedMs));
  playUntil(clock + rest + 2 * STEP_MS);
  return states;
}

export const last = <T>(list: readonly T[]): T => list.at(-1) as T;

export const repliesOf = (state: State): ReplyItem[] =>
  state.items.filter((item) => item.kind === "reply");

/** What was said, with the line at which a reply was cut. */
export const scriptOf = (state: State): string[] =>
  state.items.map((item) => {
    if (item.kind === "note") return `(${item.note})`;
    if (item.kind === "user") return `You: ${item.text}`;
    const [heard, rest] = [item.text.slice(0, item.heard), item.text.slice(item.heard)];
    return item.status === "interrupted" ? `It: ${heard} |${rest}` : `It: ${item.text}`;
  });
