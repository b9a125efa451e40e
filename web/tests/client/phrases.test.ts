// A typed reply comes phrase by phrase, faster than it is heard; it may be stopped and replaced.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Client } from "../../client/client.ts";
import { readConfig } from "../../client/config.ts";
import { canStop, presenceOf, type ReplyItem } from "../../client/state.ts";
import { FakeBrowser, settled } from "./browser.ts";
import { wavOf } from "./wav.ts";

const PHRASE_SAMPLES = 12_000;
const WAV = btoa(String.fromCharCode(...wavOf(new Float32Array(PHRASE_SAMPLES))));

let browser: FakeBrowser;
let client: Client;

beforeEach(async () => {
  vi.useFakeTimers();
  browser = new FakeBrowser();
  browser.deviceHz = 24_000;
  client = new Client({
    config: readConfig({}),
    worklets: { capture: "capture.js", playback: "playback.js" },
  });
  client.open();
  browser.connect();
  client.say("What time is it?");
  browser.tell({ type: "response_start", reply: 1 });
});

afterEach(() => {
  client.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function comes(phrase: string): Promise<void> {
  browser.tell({ type: "chunk", data: { type: "text", data: `${phrase} ` }, reply: 1 });
  browser.tell({ type: "chunk", data: { type: "audio", data: WAV, text: phrase }, reply: 1 });
  await settled();
}

const isComplete = () =>
  browser.tell({ type: "response_complete", full_text: "It is noon. Or a bit later.", reply: 1 });
const presence = () => presenceOf(client.state);
const reply = () => client.state.items.find(({ kind }) => kind === "reply") as ReplyItem;

describe("who is speaking", () => {
  test("thinks until the first sound, be the reply complete or not, and can be stopped", async () => {
    expect(presence()).toBe("thinking");
    await comes("It is noon.");
    isComplete();
    expect([presence(), canStop(client.state)]).toEqual(["thinking", true]);
    browser.play(1);
    expect([presence(), canStop(client.state)]).toEqual(["speaking", true]);
  });

  test("speaks on while the next phrase is still to come", async () => {
    await comes("It is noon.");
    browser.play(100);
    browser.play(PHRASE_SAMPLES, PHRASE_SAMPLES);
    expect(presence()).toBe("speaking");
    isComplete();
    expect(presence()).toBe("ready");
  });

  test("speaks on while the next phrase is on its way to a loudspeaker that ran dry", async () => {
    await comes("It is noon.");
    browser.play(100);
    await comes("Or a bit later.");
    isComplete();
    browser.play(PHRASE_SAMPLES, PHRASE_SAMPLES);
    expect([presence(), canStop(client.state)]).toEqual(["speaking", true]);
    expect(reply().heard).toBeLessThan(reply().text.length);
    browser.play(2 * PHRASE_SAMPLES, 2 * PHRASE_SAMPLES);
    expect(presence()).toBe("ready");
  });
});

describe("a message that cuts off what is heard", () => {
  test("says first how far that came", async () => {
    await comes("It is noon.");
    browser.play(6_000);
    isComplete();
    browser.sent.length = 0;
    client.say("And now?");
    expect(browser.sent).toEqual(["played", "chat"]);
  });

  test("says so too where nothing was heard yet", async () => {
    await comes("It is noon.");
    isComplete();
    browser.sent.length = 0;
    client.say("And now?");
    expect(browser.sent).toEqual(["played", "chat"]);
  });

  test("leaves what was heard to its end alone", async () => {
    await comes("It is noon.");
    isComplete();
    browser.play(PHRASE_SAMPLES, PHRASE_SAMPLES);
    browser.sent.length = 0;
    client.say("And now?");
    expect(browser.sent).toEqual(["chat"]);
  });
});

describe("what becomes of a reply that was complete and still heard", () => {
  beforeEach(async () => {
    await comes("It is noon.");
    isComplete();
    browser.play(6_000);
    client.say("And now?");
  });

  test("is what the server says: cut off there", () => {
    browser.tell({ type: "status", data: "interrupted", reply: 1, heard: "It is" });
    browser.tell({ type: "response_start", reply: 2 });
    expect(reply()).toMatchObject({ status: "interrupted", heard: "It is".length });
  });

  test("or that it was heard, where the server lets it go without a word", () => {
    browser.tell({ type: "response_start", reply: 2 });
    expect(reply()).toMatchObject({ status: "complete", heard: reply().text.length });
    expect(client.state.sounding).toBe(0);
  });
});
