// What the page takes from outside: addresses, settings, waiting times, and why there is no sound.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, mock, test } from "node:test";

import { readConfig } from "../../src/repartee/server/page/config.js";
import { shareOf } from "../../src/repartee/server/page/meter.js";
import { microphoneProblem, obstacle } from "../../src/repartee/server/page/problems.js";
import { Socket, socketUrl, waitMs } from "../../src/repartee/server/page/socket.js";

describe("the way to the server", () => {
  const cases = [
    ["", "http://localhost:8000/", "ws://localhost:8000/ws"],
    ["/ws", "http://box.local:8000/", "ws://box.local:8000/ws"],
    ["/ws", "https://talk.example/", "wss://talk.example/ws"],
    ["ws://box.local:9000/ws", "http://box.local:8000/", "ws://box.local:9000/ws"],
    ["ws://talk.example/ws", "https://talk.example/", "wss://talk.example/ws"],
  ];
  for (const [configured, page, wanted] of cases) {
    test(`${configured || "nothing"} on ${page}`, () =>
      assert.equal(socketUrl(configured, page), wanted));
  }

  test("the wait doubles to five seconds, and is spread", () => {
    const longest = [0, 1, 2, 4, 5, 1000].map((failures) => waitMs(failures, () => 1));
    assert.deepEqual(longest, [250, 500, 1_000, 4_000, 5_000, 5_000]);
    assert.equal(
      waitMs(2, () => 0),
      500,
    );
  });
});

describe("coming back", () => {
  const opened = [];

  class FakeWebSocket {
    static OPEN = 1;
    readyState = 1;

    constructor() {
      opened.push(this);
    }

    close() {}
    send() {}

    saysAndEnds(message) {
      this.onmessage({ data: JSON.stringify(message) });
      this.onclose();
    }
  }

  /** When it comes back after this was said, in milliseconds. */
  async function backAfter(...messages) {
    const socket = new Socket("ws://here/ws", { onLink() {}, onText() {} });
    socket.open();
    let waited = 0;
    for (const message of messages) {
      await null; // the address is there
      await null;
      const before = opened.length;
      opened.at(-1).saysAndEnds(message);
      for (waited = 0; opened.length === before; waited += 50) {
        mock.timers.tick(50);
        await null;
        await null;
      }
    }
    return waited;
  }

  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
    Object.assign(globalThis, { WebSocket: FakeWebSocket, addEventListener() {} });
  });
  afterEach(() => mock.timers.reset());

  const greeting = { type: "status", data: "connected", session_id: "one" };
  const full = { type: "error", data: "All places are taken.", code: "refused" };

  test("is soon after a call, and later each time that there is no room", async () => {
    assert.ok((await backAfter(greeting)) <= 300);
    assert.ok((await backAfter(greeting, greeting, greeting, greeting)) <= 300);
    assert.ok((await backAfter(full, full, full, full)) >= 1_000);
  });

  for (const told of [
    { ...full, retry_after_ms: 10_000 },
    { type: "status", data: "going_away", resume_after_ms: 10_000 },
  ])
    test(`is when the server said: ${told.data}`, async () => {
      const ms = await backAfter(told);
      assert.ok(ms > 10_000 && ms <= 10_300, `${ms}`);
    });
});

describe("settings", () => {
  test("that make sense are taken", () => {
    const config = readConfig({ default_volume: 0.3, auto_scroll: false, chunk_size: 512 });
    assert.deepEqual(
      [config.default_volume, config.auto_scroll, config.chunk_size],
      [0.3, false, 512],
    );
  });

  test("that are missing or make none have a sensible value", () => {
    const bare = readConfig(undefined);
    assert.equal(bare.tts_sample_rate, 24_000);
    assert.deepEqual(
      readConfig({ tts_sample_rate: "fast", default_volume: 7, voices: "af" }),
      bare,
    );
  });

  test("lists may hold names or things with names", () => {
    const { personas, voices } = readConfig({
      personas: [{ key: "astronaut", name: "Captain Alex" }, null, 4],
      voices: ["af_heart", { name: "en-gb", language: "English" }],
    });
    assert.deepEqual(personas, [{ value: "astronaut", label: "Captain Alex" }]);
    assert.deepEqual(voices[0], { value: "af_heart", label: "af_heart" });
    assert.deepEqual(voices[1], { value: "en-gb", label: "en-gb, English" });
  });
});

describe("why there is no microphone", () => {
  const able = {
    isSecureContext: true,
    navigator: { mediaDevices: { getUserMedia() {} } },
    AudioWorkletNode: class {},
  };

  test("nothing is in the way of a browser that can", () => assert.equal(obstacle(able), null));

  test("plain http from another machine is named as the reason", () => {
    assert.match(obstacle({ ...able, isSecureContext: false }).sentence, /over https/);
  });

  test("a browser that can't is told apart", () => {
    assert.match(obstacle({ ...able, navigator: {} }).sentence, /This browser can't/);
  });

  for (const [name, reason] of [
    ["NotAllowedError", /blocked for this page/],
    ["NotFoundError", /No microphone was found/],
    ["NotReadableError", /taken by another program/],
    ["SomethingElse", /could not be opened \(SomethingElse\)/],
  ]) {
    test(name, () => {
      const { sentence, way } = microphoneProblem({ name });
      assert.match(sentence, reason);
      assert.equal(way, "talk");
    });
  }
});

describe("the meter", () => {
  test("goes from silence to full with the loudness, in decibels", () => {
    assert.deepEqual(
      [0, 0.001, 10 ** (-32.5 / 20), 1].map(shareOf).map((share) => +share.toFixed(3)),
      [0, 0, 0.5, 1],
    );
  });
});
