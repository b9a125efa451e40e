// A call that lasts for hours needs no more memory than a long one.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Client } from "../../client/client.ts";
import { readConfig } from "../../client/config.ts";
import { FakeBrowser, settled } from "./browser.ts";

let browser: FakeBrowser;

beforeEach(() => {
  vi.useFakeTimers();
  browser = new FakeBrowser();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const SOUND = btoa("\0".repeat(960));
const STEPS = ["turn_started", "stt_done", "llm_first_token", "first_sound_sent", "turn_complete"];

/** A turn of a call: a question, its answer in words and sound, and its course. */
async function turn(reply: number): Promise<void> {
  const question = `What is question ${String(reply).padStart(6, "0")}?`;
  browser.hear();
  browser.tell({ type: "transcript", data: { text: question, is_final: false } });
  browser.tell({ type: "transcript", data: { text: question, is_final: true, confidence: 0.9 } });
  browser.tell({ type: "status", data: "generating", reply });
  for (const word of ["It", " is", " answered."]) {
    browser.tell({ type: "text_chunk", data: word, reply });
    browser.tell({ type: "audio", data: SOUND, text: word, reply });
  }
  await settled();
  for (const event of STEPS) {
    browser.tell({ type: "trace_event", turn_id: `turn ${reply}`, event, ts: reply, reply });
  }
  browser.tell({ type: "status", data: "complete", reply });
}

test("what is kept of it stops growing", async () => {
  const client = new Client({
    config: readConfig({}),
    worklets: { capture: "capture.js", playback: "playback.js" },
    trace: true,
  });
  client.open();
  browser.connect();
  await client.startCall();
  await settled();
  const sizes: number[] = [];
  for (let reply = 1; reply <= 1_200; reply += 1) {
    await turn(reply);
    if (reply % 400 === 0) sizes.push(JSON.stringify([client.state, client.wiretap.noted]).length);
    browser.sent.length = 0;
    if (browser.playback) browser.playback.posted.length = 0;
  }
  const [first = 0, , last = 0] = sizes;
  expect(client.state.items.length).toBe(500);
  expect(client.state.traces.length).toBe(100);
  expect(client.wiretap.noted.length).toBe(200);
  expect(last).toBeLessThan(first * 1.05);
  client.close();
});
