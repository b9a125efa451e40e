// A server that is slow asks its listener to wait: that sound is no part of the answer that follows.

import { describe, expect, test } from "vitest";
import { gapMs } from "../../client/timings.ts";
import { last, play, type Recorded, repliesOf } from "./exchange.ts";

const ANSWER = "It is ten past four.";
const ASIDE_MS = 1_500;
const ANSWER_MS = 2_000;

const audio = (at: number, soundMs: number, text?: string): Recorded => ({
  at,
  soundMs,
  frame: { type: "audio", data: "AAAA", reply: 1, ...(text === undefined ? {} : { text }) },
});

/** The question is over at 0; from 1.7 s on somebody is asked to wait; the answer comes at 4 s. */
const spoken: Recorded[] = [
  {
    at: 0,
    frame: { type: "transcript", data: { text: "Hm?", is_final: true, confidence: 1 } },
  },
  { at: 10, frame: { type: "status", data: "generating", reply: 1 } },
  audio(1_700, 500, ""),
  audio(2_200, ASIDE_MS - 500),
  { at: 3_900, frame: { type: "text_chunk", data: ANSWER, reply: 1 } },
  audio(4_000, ANSWER_MS / 2, ANSWER),
  audio(4_900, ANSWER_MS / 2),
];
const complete = { at: 6_500, frame: { type: "status", data: "complete", reply: 1 } };

/** The words come while the sentence is still heard. */
const early = spoken.map((one) => (one.at === 3_900 ? { ...one, at: 1_800 } : one));

describe("while somebody is asked to wait", () => {
  test("no word of the answer is marked as heard, though all are known", () => {
    const [aside] = repliesOf(last(play([...early].sort((a, b) => a.at - b.at).slice(0, 5))));
    expect(aside).toMatchObject({ text: ANSWER, playedMs: ASIDE_MS, heard: 0 });
  });

  test("nobody has waited to the end yet", () => {
    const [aside] = repliesOf(last(play(spoken.slice(0, 4))));
    expect(aside?.moments).toMatchObject({ firstSound: null, firstHeard: null });
  });
});

describe("the answer", () => {
  test("is marked from its own beginning on", () => {
    const [reply] = repliesOf(last(play(spoken.slice(0, 6))));
    expect(reply).toMatchObject({ playedMs: ASIDE_MS + ANSWER_MS / 2, asideMs: ASIDE_MS });
    expect(reply?.phrases).toMatchObject([
      { from: 0, to: 0, startMs: 0 },
      { from: 0, to: ANSWER.length, startMs: ASIDE_MS },
    ]);
    expect(ANSWER.slice(0, reply?.heard)).not.toBe("");
  });

  test("came when its own first sound did", () => {
    const [reply] = repliesOf(last(play(spoken)));
    expect(reply?.moments.firstSound).toBe(4_000);
    expect(reply && gapMs(reply)).toBeGreaterThanOrEqual(4_000);
    expect(reply && gapMs(reply)).toBeLessThan(4_100);
  });

  test("came so, too, where it follows without a gap", () => {
    const fast = spoken.map((one) => (one.at > 3_000 ? { ...one, at: one.at - 1_500 } : one));
    const [reply] = repliesOf(last(play(fast)));
    expect(reply?.moments.firstSound).toBe(2_500);
    expect(reply && gapMs(reply)).toBeGreaterThanOrEqual(1_700 + ASIDE_MS);
    expect(reply && gapMs(reply)).toBeLessThan(1_700 + ASIDE_MS + 100);
  });

  test("alone teaches how fast the voice speaks", () => {
    const alone = [...spoken.slice(0, 2), ...spoken.slice(4), complete];
    const together = last(play([...spoken, complete]));
    expect(together.paceMs).toBe(last(play(alone)).paceMs);
  });
});
