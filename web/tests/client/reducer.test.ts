// What people and devices do, and what must hold however events fall.

import { describe, expect, test } from "vitest";
import type { Event } from "../../client/events.ts";
import type { Told } from "../../client/protocol.ts";
import { reduce } from "../../client/reducer.ts";
import {
  canStop,
  initial,
  isMicOpen,
  mayBeHeard,
  presenceOf,
  type State,
} from "../../client/state.ts";
import { repliesOf, scriptOf } from "./exchange.ts";

const told = (message: Told, at = 0): Event => ({ type: "told", told: message, at });
const connected = (sessionId: string) => told({ kind: "connected", sessionId });
const stateAfter = (events: Event[], from: State = initial) => events.reduce(reduce, from);

const ONLINE = stateAfter([connected("one")]);
const ANSWERING = stateAfter(
  [
    told({ kind: "heard", text: "Do owls hunt?", final: true, confidence: 0.9 }),
    told({ kind: "replying", reply: 1, mode: "spoken" }),
    told({ kind: "words", reply: 1, text: "They do, at night." }),
    { type: "sounding", reply: 1, at: 0 },
  ],
  ONLINE,
);

describe("the link", () => {
  test("is open only when the server has said so", () => {
    expect(stateAfter([{ type: "link", link: "open" }]).link).toBe("connecting");
    expect(ONLINE.link).toBe("open");
  });

  test("a new session says so where there was a conversation, and leaves its numbers behind", () => {
    const again = stateAfter([{ type: "link", link: "waiting" }, connected("two")], ANSWERING);
    expect(scriptOf(again).at(-1)).toBe("(new-session)");
    expect(again).toMatchObject({ reply: 0, answering: false, sounding: 0 });
    expect(repliesOf(again)[0]).toMatchObject({ reply: 0, status: "failed" });
    const next = stateAfter([told({ kind: "replying", reply: 1, mode: "typed" })], again);
    expect(repliesOf(next)).toHaveLength(2);
  });

  test("a new session cuts what was still being heard of the old one", () => {
    const sent = told({ kind: "completed", reply: 1, mode: "typed", text: null });
    const cut = stateAfter([sent, connected("two")], ANSWERING);
    expect(repliesOf(cut)[0]).toMatchObject({ reply: 0, status: "interrupted" });
  });

  test("the same session goes on where it was", () => {
    const again = stateAfter([{ type: "link", link: "waiting" }, connected("one")], ANSWERING);
    expect(again.items).toBe(ANSWERING.items);
    expect(again).toMatchObject({ link: "open", reply: 1, answering: true });
  });

  test("a first connection is no news", () => {
    expect(ONLINE.items).toEqual([]);
  });
});

describe("who may be heard", () => {
  test("nobody, once the user has stopped the reply", () => {
    const stopped = stateAfter([{ type: "stopped", at: 0 }], ANSWERING);
    expect(mayBeHeard(ANSWERING, 1)).toBe(true);
    expect(mayBeHeard(stopped, 1)).toBe(false);
    expect(canStop(stopped)).toBe(false);
  });

  test("only the newest reply", () => {
    const next = stateAfter([told({ kind: "replying", reply: 2, mode: "spoken" })], ANSWERING);
    expect(mayBeHeard(next, 1)).toBe(false);
    expect(mayBeHeard(next, 2)).toBe(true);
    expect(stateAfter([told({ kind: "replying", reply: 1, mode: "spoken" })], next)).toBe(next);
  });

  test("a typed reply that is stopped while it plays is cut at the last word that was heard", () => {
    const cut = stateAfter(
      [
        told({ kind: "completed", reply: 1, mode: "typed", text: null }),
        { type: "played", reply: 1, ms: 300, at: 0 },
        { type: "stopped", at: 0 },
        { type: "sounding", reply: 0, at: 0 },
      ],
      ANSWERING,
    );
    expect(scriptOf(cut).at(-1)).toBe("It: They | do, at night.");
  });

  test("a reply whose sound is here but not yet heard can be stopped, and is cut off", () => {
    const about = stateAfter(
      [
        told({ kind: "replying", reply: 1, mode: "typed" }),
        told({ kind: "words", reply: 1, text: "They do." }),
        told({ kind: "sound", reply: 1, encoding: "wav", base64: "", text: null }),
        told({ kind: "completed", reply: 1, mode: "typed", text: null }),
      ],
      ONLINE,
    );
    expect([about.answering, about.sounding, canStop(about)]).toEqual([false, 0, true]);
    const stopped = stateAfter([{ type: "stopped", at: 0 }], about);
    expect(canStop(stopped)).toBe(false);
    expect(repliesOf(stopped)[0]).toMatchObject({ status: "interrupted", heard: 0 });
    const silent = stateAfter([{ type: "audible", audible: false }], about);
    expect(canStop(silent)).toBe(false);
  });

  test("an interruption of nothing changes nothing", () => {
    expect(stateAfter([told({ kind: "interrupted", reply: 0, heard: "" })], ANSWERING)).toBe(
      ANSWERING,
    );
  });

  test("a reply that is given up without a word about it is not left unfinished", () => {
    const next = stateAfter([told({ kind: "replying", reply: 2, mode: "spoken" })], ANSWERING);
    expect(repliesOf(next).map(({ status }) => status)).toEqual(["failed", "live"]);
  });

  test("words of a reply that nobody knows are dropped", () => {
    expect(stateAfter([told({ kind: "words", reply: 7, text: "boo" })], ANSWERING)).toBe(ANSWERING);
  });
});

describe("the microphone", () => {
  const on = stateAfter(
    [
      { type: "call", call: "starting", at: 5 },
      { type: "call", call: "on", at: 9 },
    ],
    ONLINE,
  );

  test("is open hands-free, closed when muted, and open again while the key is held", () => {
    expect(isMicOpen(on)).toBe(true);
    const muted = stateAfter([{ type: "muted", muted: true }], on);
    expect(isMicOpen(muted)).toBe(false);
    expect(presenceOf(muted)).toBe("muted");
    expect(isMicOpen(stateAfter([{ type: "held", held: true }], muted))).toBe(true);
  });

  test("is open in push-to-talk only while the key is held", () => {
    const push = stateAfter([{ type: "talk-mode", mode: "push" }], on);
    expect(isMicOpen(push)).toBe(false);
    expect(isMicOpen(stateAfter([{ type: "held", held: true }], push))).toBe(true);
  });

  test("counts the call from when it was really on", () => {
    expect(on.callBegan).toBe(9);
    expect(stateAfter([{ type: "call", call: "off", at: 20 }], on).callBegan).toBe(null);
  });

  test("a device changed during a call does not begin the count anew", () => {
    expect(stateAfter([{ type: "call", call: "on", at: 50 }], on).callBegan).toBe(9);
  });

  test("its level moves in steps, and the last loud moment is where a question ended", () => {
    const loud = stateAfter([{ type: "level", level: 0.62, at: 100 }], on);
    expect(loud).toMatchObject({ micLevel: 0.6, voiceLastAt: 100 });
    const quiet = stateAfter([{ type: "level", level: 0.1, at: 200 }], loud);
    expect(quiet).toMatchObject({ micLevel: 0.1, voiceLastAt: 100 });
    expect(stateAfter([{ type: "level", level: 0.11, at: 300 }], quiet)).toBe(quiet);
    const answered = stateAfter(
      [
        told({ kind: "heard", text: "Hm?", final: true, confidence: 1 }, 400),
        told({ kind: "replying", reply: 1, mode: "spoken" }, 410),
      ],
      quiet,
    );
    expect(repliesOf(answered)[0]?.moments).toMatchObject({ voiceEnded: 100, asked: 400 });
  });
});

describe("what was said", () => {
  test("nothing understood leaves no empty turn behind", () => {
    const state = stateAfter(
      [
        told({ kind: "heard", text: "um", final: false, confidence: 0 }),
        told({ kind: "heard", text: " ", final: true, confidence: 0 }),
      ],
      ONLINE,
    );
    expect(state.items).toEqual([]);
    expect(state.interim).toBe("");
  });

  test("a new question takes the last problem away", () => {
    const troubled = stateAfter([told({ kind: "problem", sentence: "Oh.", code: "x" })], ONLINE);
    expect(troubled.problem).not.toBe(null);
    expect(stateAfter([{ type: "typed", text: "Hi", at: 0 }], troubled).problem).toBe(null);
  });

  test("what is restored stands before a note, and is marked as earlier", () => {
    const state = stateAfter([{ type: "restored", items: ANSWERING.items }], initial);
    expect(scriptOf(state)).toEqual(["You: Do owls hunt?", "It: They do, at night.", "(earlier)"]);
    expect(state.items[0]).toMatchObject({ earlier: true });
    expect(scriptOf(stateAfter([connected("one")], state))).toHaveLength(3);
  });

  test("another persona is announced in a conversation, and its replies bear its name", () => {
    const quiet = stateAfter([{ type: "persona", persona: "astronaut" }], ONLINE);
    expect(quiet.items).toEqual([]);
    const other = stateAfter([{ type: "persona", persona: "astronaut" }], ANSWERING);
    expect(scriptOf(other).at(-1)).toBe("(persona)");
    const next = stateAfter([told({ kind: "replying", reply: 2, mode: "spoken" })], other);
    expect(repliesOf(next).map(({ persona }) => persona)).toEqual(["", "astronaut"]);
  });

  test("what is forgotten is gone, and its reply is silent", () => {
    const state = stateAfter([{ type: "forgotten" }], ANSWERING);
    expect(state.items).toEqual([]);
    expect(mayBeHeard(state, 1)).toBe(false);
  });

  test("a page that is never closed does not grow for ever", () => {
    const many = Array.from(
      { length: 600 },
      (_, i): Event => ({ type: "typed", text: `${i}`, at: i }),
    );
    expect(stateAfter(many, ONLINE).items).toHaveLength(500);
  });

  test("no state is ever changed in place", () => {
    const frozen = deepFrozen(structuredClone(ANSWERING));
    const events: Event[] = [
      { type: "played", reply: 1, ms: 200, at: 1 },
      { type: "queued", reply: 1, text: "They do", startMs: 0, endMs: 400 },
      told({ kind: "words", reply: 1, text: " So." }),
      told({ kind: "completed", reply: 1, mode: "spoken", text: null }),
      { type: "sounding", reply: 0, at: 2 },
      told({ kind: "interrupted", reply: 1, heard: "They" }),
    ];
    expect(() => stateAfter(events, frozen)).not.toThrow();
  });
});

function deepFrozen<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(value).forEach(deepFrozen);
  return Object.freeze(value);
}

test("a page that is cleared shows nothing, and what is being said goes on", () => {
  const cleared = reduce(ANSWERING, { type: "cleared" });
  expect(cleared.items).toEqual([]);
  expect(cleared).toMatchObject({ reply: ANSWERING.reply, silenced: ANSWERING.silenced });
  expect(mayBeHeard(cleared, cleared.reply)).toBe(true);
});
