// The reducer, played what a real server said. `scripts/record_exchanges.py` records it anew.

import { describe, expect, test } from "vitest";
import { initial, presenceOf } from "../../client/state.ts";
import bargeIn from "../exchanges/barge_in.json";
import embedded from "../exchanges/embedded.json";
import mistakes from "../exchanges/mistakes.json";
import spoken from "../exchanges/spoken.json";
import typed from "../exchanges/typed.json";
import typedTwice from "../exchanges/typed_twice.json";
import { last, play, repliesOf, scriptOf } from "./exchange.ts";

const ANSWER = "It is mild today, with a little wind from the west. Take a light coat with you.";

describe("a spoken turn", () => {
  const states = play(spoken);

  test("ends with both sides written down, the reply heard to its end", () => {
    expect(scriptOf(last(states))).toEqual([
      "You: What is the weather like today?",
      `It: ${ANSWER}`,
    ]);
    expect(last(repliesOf(last(states)))).toMatchObject({
      status: "complete",
      heard: ANSWER.length,
    });
  });

  test("goes through hearing, speaking and back", () => {
    const on = { ...initial, call: "on" } as const;
    const ways = play(spoken, on).map(presenceOf);
    const changes = ways.filter((way, i) => way !== ways[i - 1]);
    expect(changes.slice(0, 3)).toEqual(["connecting", "listening", "hearing"]);
    expect(changes).toContain("speaking");
    expect(last(changes)).toBe("listening");
  });

  test("shows the user's words while they are said", () => {
    const growing = states
      .map(({ interim }) => interim)
      .filter((text, i, all) => text !== all[i - 1]);
    expect(growing).toEqual([
      "",
      "What",
      "What is",
      "What is the",
      "What is the weather",
      "What is the weather like",
      "What is the weather like today?",
      "",
    ]);
  });

  test("what counts as heard only ever grows, word by word", () => {
    const heard = states.flatMap(repliesOf).map((reply) => reply.heard);
    expect(heard).toEqual([...heard].sort((a, b) => a - b));
    for (const at of new Set(heard.filter(Boolean)))
      expect(ANSWER.slice(at, at + 1).trim()).toBe("");
  });

  test("teaches how fast the voice speaks", () => {
    expect(last(states).paceMs).not.toBe(initial.paceMs);
  });
});

test("a turn with the embedded engines is written down word by word", () => {
  const state = last(play(embedded));
  const [question, answer] = state.items;
  expect(question).toMatchObject({ kind: "user", typed: false });
  expect(question?.kind === "user" && question.confidence).toBeGreaterThan(0.5);
  expect(answer).toMatchObject({ kind: "reply", status: "complete" });
  expect(state.interim).toBe("");
});

describe("a reply that is interrupted by a voice", () => {
  const states = play(bargeIn);

  test("is cut where the server says that it was last heard", () => {
    const [first, second] = repliesOf(last(states));
    expect(first?.status).toBe("interrupted");
    expect(first?.text.slice(0, first.heard)).toBe(ANSWER.slice(0, -" with you.".length));
    expect(second).toMatchObject({ status: "complete", text: ANSWER });
  });

  test("is silenced before anything of the next one may be heard", () => {
    const cut = states.findIndex((state) => repliesOf(state)[0]?.status === "interrupted");
    expect(states[cut]?.silenced).toBe(1);
    expect(states.slice(cut + 2).every(({ sounding }) => sounding !== 1)).toBe(true);
  });
});

describe("a typed turn", () => {
  const states = play(typed, { ...initial });

  test("is complete when it was sent, and heard phrase by phrase as it is played", () => {
    const sent = states.find((state) => repliesOf(state)[0]?.status === "complete");
    const heardWhenSent = sent === undefined ? -1 : (repliesOf(sent)[0]?.heard ?? -1);
    expect(heardWhenSent).toBeLessThan(ANSWER.length);
    expect(repliesOf(last(states))[0]).toMatchObject({ heard: ANSWER.length, status: "complete" });
  });

  test("knows the place of its phrases", () => {
    const phrases = repliesOf(last(states))[0]?.phrases ?? [];
    const words = phrases.map(({ from, to }) => ANSWER.slice(from, to));
    expect(words.join(" ")).toBe(ANSWER);
  });

  test("without sound, every word counts as heard once it is there", () => {
    const silent = last(
      play(
        typed.map(({ at, frame }) => ({ at, frame })),
        { ...initial, audible: false },
      ),
    );
    expect(repliesOf(silent)[0]?.heard).toBe(ANSWER.length);
  });
});

test("a second message cuts the first reply", () => {
  const [first, second] = repliesOf(last(play(typedTwice)));
  expect(first).toMatchObject({ status: "interrupted", heard: 0 });
  expect(second).toMatchObject({ status: "complete", text: ANSWER });
});

test("a mistake is told in the server's own sentence, and the connection lives on", () => {
  const state = last(play(mistakes));
  expect(state.problem).toEqual({
    code: "server",
    sentence: "The message is empty. Write something to say.",
  });
  expect(state.link).toBe("open");
});
