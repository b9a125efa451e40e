import { describe, expect, test } from "vitest";
import { parse, wish } from "../../client/protocol.ts";

describe("what is no message is nothing", () => {
  test.each([
    "",
    "{",
    "null",
    "[]",
    '"hello"',
    '{"data":"x"}',
    '{"type":7}',
    '{"type":"toString"}',
    '{"type":"__proto__"}',
    '{"type":"status"}',
    '{"type":"status","data":"generating"}',
    '{"type":"status","data":"generating","reply":-1}',
    '{"type":"status","data":"generating","reply":1.5}',
    '{"type":"transcript","data":null}',
    '{"type":"transcript","data":{"text":7}}',
    '{"type":"text_chunk","data":{},"reply":1}',
    '{"type":"audio","data":"","reply":1}',
    '{"type":"chunk","data":[],"reply":1}',
    '{"type":"error"}',
  ])("%s", (frame) => {
    expect(parse(frame)).toBe(null);
  });
});

test("a confidence out of range is brought into it", () => {
  const frame = '{"type":"transcript","data":{"text":"a","is_final":true,"confidence":7}}';
  expect(parse(frame)).toEqual({ kind: "heard", text: "a", final: true, confidence: 1 });
});

test("sound may say which words it is", () => {
  const frame = '{"type":"audio","data":"AAA=","reply":1,"text":"Hello."}';
  expect(parse(frame)).toMatchObject({ kind: "sound", encoding: "pcm16", text: "Hello." });
});

test("how long to wait is told in milliseconds, and nobody waits for weeks", () => {
  const away = (ms: unknown) =>
    parse(JSON.stringify({ type: "status", data: "going_away", resume_after_ms: ms }));
  expect(away(1_800)).toEqual({ kind: "going-away", resumeAfterMs: 1_800 });
  expect(away("soon")).toEqual({ kind: "going-away", resumeAfterMs: 0 });
  expect(away(1e12)).toEqual({ kind: "going-away", resumeAfterMs: 3_600_000 });
  expect(parse('{"type":"error","data":"Full.","code":"refused","retry_after_ms":10000}')).toEqual({
    kind: "problem",
    sentence: "Full.",
    code: "refused",
    retryAfterMs: 10_000,
  });
});

test("wishes are what the server expects", () => {
  expect(wish.played(2, 41.7)).toEqual({ type: "played", reply: 2, ms: 42 });
  expect(wish.config({ voice: "af_heart", speed: 1.2 })).toEqual({
    type: "config",
    voice: "af_heart",
    speed: 1.2,
  });
});
