// What goes into a report, what stays out of it, and what a recording tells about a microphone.

import { beforeEach, describe, expect, test, vi } from "vitest";
import { initial, readConfig, Wiretap } from "../../client/index.ts";
import { judged } from "../../src/views/check/listening.ts";
import { reportOf, withoutSecrets, withoutSpeech } from "../../src/views/check/report.ts";
import embedded from "../exchanges/embedded.json";
import typed from "../exchanges/typed.json";

const hidden = (message: object) => JSON.parse(withoutSpeech(JSON.stringify(message)));

describe("without speech", () => {
  test.each([
    [
      { type: "chat", message: "hello" },
      { type: "chat", message: "(5 characters)" },
    ],
    [
      { type: "transcript", data: { text: "hello", is_final: true, confidence: 0.5 } },
      { type: "transcript", data: { text: "(5 characters)", is_final: true, confidence: 0.5 } },
    ],
    [
      { type: "status", data: "interrupted", reply: 1, heard: "It is" },
      { type: "status", data: "(11 characters)", reply: 1, heard: "(5 characters)" },
    ],
    [
      { type: "config", voice: "af_bella", instructions: "Be kind." },
      { type: "config", voice: "af_bella", instructions: "(8 characters)" },
    ],
    [
      { type: "news", list: ["a", { b: "c" }] },
      { type: "news", list: ["(1 characters)", { b: "(1 characters)" }] },
    ],
  ])("%j", (message, shown) => {
    expect(hidden(message)).toEqual(shown);
  });

  test.each([
    { type: "status", data: "generating", reply: 1 },
    { type: "error", data: "The message is empty.", message: "The message is empty.", code: "x" },
    { type: "trace_event", event: "decided", ts: 1.5, turn_id: "t", latency_ms: 3 },
  ])("what nobody said stays: %j", (message) => {
    expect(hidden(message)).toEqual(message);
  });

  test("what is no whole message is only counted", () => {
    expect(withoutSpeech('{"type":"chat","message":"hel')).toBe("(29 characters)");
  });
});

describe("a report", () => {
  beforeEach(() => {
    vi.stubGlobal("location", { href: "https://me:pass@here/?token=abc#/check" });
    vi.stubGlobal("navigator", { userAgent: "Browser 1", languages: ["en"] });
  });

  const written = (withSpeech: boolean) => {
    const tap = new Wiretap();
    for (const { frame, at } of [...embedded, ...typed]) tap.note("in", JSON.stringify(frame), at);
    const config = readConfig({ websocket_url: "wss://here/ws?key=abc", engines: { stt: "ears" } });
    const findings = { connection: { median_ms: 3 } };
    return reportOf({ findings, state: initial, config, noted: tap.noted, withSpeech });
  };

  test("has what was found and what was exchanged", () => {
    expect(JSON.parse(written(false))).toMatchObject({
      page: "https://here/#/check",
      server: { socket: "wss://here/ws", engines: { stt: "ears" } },
      connection: { median_ms: 3 },
    });
  });

  test("has no word of what was said unless that is wanted", () => {
    expect(written(false)).not.toMatch(/weather|mild/i);
    expect(written(true)).toMatch(/weather/i);
  });
});

test("an address that is none stays as it is", () => {
  expect(withoutSecrets("")).toBe("");
});

describe("a microphone that was listened to", () => {
  const talk = (loud: number, quiet: number) => [...Array(50).fill(quiet), ...Array(50).fill(loud)];

  test.each([
    ["silent", []],
    ["silent", talk(0, 0)],
    ["quiet", talk(0.004, 0.0001)],
    ["loud", talk(0.9, 0.001)],
    ["noisy", talk(0.1, 0.05)],
    ["good", talk(0.1, 0.001)],
  ])("is %s", (verdict, levels) => {
    expect(judged(levels).verdict).toBe(verdict);
  });

  test("knows its loudest and its quietest", () => {
    expect(judged(talk(0.1, 0.001))).toMatchObject({ peakDb: -20, floorDb: -60 });
  });
});
