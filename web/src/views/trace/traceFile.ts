// The courses of all turns as a file: times, and not a word of what was said.

import { type Config, courseOf, type State } from "../../../client/index.ts";

export function traceFile(state: State, { engines }: Config): string {
  const turns = state.traces.map((trace) => {
    const course = courseOf(state, trace);
    return {
      turn_id: trace.turn,
      began: new Date(course.began).toISOString(),
      outcome: course.outcome,
      gap_ms: whole(course.gapMs),
      steps: course.steps.map(({ stage, serverMs, pageMs, fromMs, toMs }) => ({
        stage,
        server_ms: whole(serverMs),
        page_ms: whole(pageMs),
        share_ms: whole(toMs - fromMs),
      })),
      events: trace.marks.map(({ event, serverMs }) => ({ event, ts: serverMs / 1000 })),
      why: trace.why,
    };
  });
  const { sessionId: session_id, roundTripMs: round_trip_ms } = state;
  return JSON.stringify({ session_id, engines, round_trip_ms, turns }, null, 2);
}

const whole = (ms: number | null) => ms && Math.round(ms);
