// The course of turns, from traces that a real server told.

import { describe, expect, test } from "vitest";
import { courseOf, percentile, shareOf } from "../../client/course.ts";
import { initial, type State } from "../../client/state.ts";
import { gapOf, onPageClock } from "../../client/traces.ts";
import bargeIn from "../exchanges/barge_in.json";
import held from "../exchanges/held.json";
import traced from "../exchanges/traced.json";
import tracedBargeIn from "../exchanges/traced_barge_in.json";
import { last, play, repliesOf } from "./exchange.ts";

const coursesOf = (state: State) => state.traces.map((trace) => courseOf(state, trace));

describe("a turn of which the server told", () => {
  const state = last(play(traced));
  const [spoken, typed] = coursesOf(state);

  test("belongs to the reply that answers it", () => {
    expect(coursesOf(state).map(({ reply }) => reply)).toEqual(repliesOf(state));
  });

  test("has every stage, in steps that touch and add up to the gap", () => {
    const steps = spoken?.steps ?? [];
    expect(steps.map(({ stage }) => stage)).toEqual([
      "stt_done",
      "decided",
      "llm_first_token",
      "tts_first_chunk",
      "first_sound_sent",
      "first_sound_played",
    ]);
    expect(steps.map(({ fromMs }) => fromMs)).toEqual([
      0,
      ...steps.slice(0, -1).map(({ toMs }) => toMs),
    ]);
    expect(steps.reduce((sum, step) => sum + shareOf(step), 0)).toBeCloseTo(spoken?.gapMs ?? 0);
  });

  test("was slowest where the server says so", () => {
    expect(state.traces.map(({ why }) => why?.stage)).toEqual(
      [spoken, typed].map((course) => course?.slowest?.stage),
    );
  });

  test("is seen by the page a little after the server, never before", () => {
    for (const { serverMs, pageMs, stage } of spoken?.steps ?? []) {
      if (serverMs !== null && pageMs !== null && stage !== "first_sound_played") {
        expect(pageMs, stage).toBeGreaterThan(serverMs - 1); // recorded to the millisecond
      }
    }
  });

  test("shows what was worked on while something else was waited for", () => {
    const recognised = spoken?.steps.find(({ stage }) => stage === "stt_done");
    expect(recognised?.work?.[0]).toBeGreaterThan(0);
    expect(recognised?.work?.[1]).toBe(recognised?.toMs);
  });

  test("the wait that the page shows is the one of its course", () => {
    const reply = repliesOf(state)[0];
    expect(reply && gapOf(state, reply)).toBeCloseTo(spoken?.gapMs ?? 0);
  });

  test("that was written has no last word to be recognised", () => {
    expect(typed?.steps[0]?.stage).toBe("decided");
    expect(typed?.outcome).toBe("complete");
  });
});

test("a turn that was interrupted says so, and the next one has a course of its own", () => {
  const state = last(play(tracedBargeIn));
  const courses = coursesOf(state);
  expect(courses.map(({ outcome }) => outcome)).toEqual(["interrupted", "complete"]);
  expect(courses.map(({ reply }) => reply)).toEqual(repliesOf(state));
});

test("a held turn is told of before its reply begins, and still belongs to it", () => {
  const state = last(play(held));
  expect(coursesOf(state).map(({ reply }) => reply)).toEqual(repliesOf(state));
});

test("without a trace, the wait is what the page itself noticed", () => {
  const [reply] = repliesOf(last(play(bargeIn)));
  expect(reply && gapOf(initial, reply)).toBeGreaterThanOrEqual(0);
});

test("the server's clock is known by the quickest of its messages", () => {
  const told = (at: number, serverMs: number) =>
    ({
      at,
      frame: { type: "trace_event", event: "e", turn_id: "t", ts: serverMs / 1000 },
    }) as const;
  const state = last(play([told(1_000, 50_000), told(1_010, 50_100), told(1_200, 50_110)]));
  expect(onPageClock(state, 50_100)).toBeCloseTo(1_010, 0);
});

test("percentiles", () => {
  expect(percentile([], 50)).toBe(null);
  expect(percentile([7], 95)).toBe(7);
  expect(percentile([3, 1, 2, 4], 50)).toBe(2);
  expect(percentile([3, 1, 2, 4], 95)).toBe(4);
});

test("a turn belongs to the reply whose number it is told with", () => {
  const said = [
    { type: "response_start", reply: 1 },
    { type: "response_start", reply: 2 },
    { type: "trace_event", event: "turn_complete", ts: 2, turn_id: "first", reply: 1 },
    { type: "trace_event", event: "turn_complete", ts: 3, turn_id: "second", reply: 2 },
  ];
  const state = last(play(said.map((frame, at) => ({ at, frame }))));
  expect(coursesOf(state).map(({ turn, reply }) => [turn, reply?.reply])).toEqual([
    ["first", 1],
    ["second", 2],
  ]);
});
