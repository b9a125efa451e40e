import { expect, test } from "vitest";
import { Wiretap } from "../../client/wiretap.ts";

test("messages are kept as they are, sound as runs of either way", () => {
  const tap = new Wiretap();
  tap.note("out", 640, 0);
  tap.note("in", 1_000, 5);
  tap.note("out", 640, 20);
  tap.note("in", '{"type":"pong"}', 30);
  tap.note("out", 640, 40);
  expect(tap.noted.map(({ way, text, frames, bytes }) => ({ way, text, frames, bytes }))).toEqual([
    { way: "out", text: null, frames: 2, bytes: 1_280 },
    { way: "in", text: null, frames: 1, bytes: 1_000 },
    { way: "in", text: '{"type":"pong"}', frames: 1, bytes: 15 },
    { way: "out", text: null, frames: 1, bytes: 640 },
  ]);
  expect(tap.noted[0]).toMatchObject({ at: 0, until: 20 });
});

test("only the latest are kept, and none after it was cleared", () => {
  const tap = new Wiretap();
  for (let at = 0; at < 300; at += 1) tap.note("in", `{"n":${at}}`, at);
  expect(tap.noted.length).toBe(200);
  expect(tap.noted[0]?.text).toBe('{"n":100}');
  tap.clear();
  expect(tap.noted).toEqual([]);
});
