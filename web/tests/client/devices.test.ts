// A call among devices that come and go, in browsers that are strict about sound.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Client, type ClientOptions } from "../../client/client.ts";
import { readConfig } from "../../client/config.ts";
import { FakeBrowser, settled } from "./browser.ts";

let browser: FakeBrowser;
let client: Client;

/** A client that is connected, and in a call. */
async function calling(options: Partial<ClientOptions> = {}): Promise<void> {
  client = new Client({
    config: readConfig({}),
    worklets: { capture: "capture.js", playback: "playback.js" },
    ...options,
  });
  client.open();
  browser.connect();
  await client.startCall();
  await settled();
  browser.sent.length = 0;
}

const problem = () => client.state.problem?.code ?? null;
const microphone = () => browser.tracks.at(-1);
const [output, input] = [() => browser.contexts[0], () => browser.contexts.at(-1)];

beforeEach(() => {
  vi.useFakeTimers();
  browser = new FakeBrowser();
});

afterEach(() => {
  client.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a microphone that is pulled out during a call", () => {
  test("gives way to the one that is usual now, and the user is told", async () => {
    await calling();
    browser.microphones = ["headset"];
    microphone()?.happens("ended");
    await settled();
    expect(client.state.call).toBe("on");
    expect(problem()).toBe("device-gone");
    browser.hear();
    expect(browser.sent).toEqual(["sound"]);
  });

  test("gives way also if it was chosen, and is tried again in the next call", async () => {
    await calling({ microphone: "headset" });
    browser.microphones = ["usual"];
    microphone()?.happens("ended");
    await settled();
    expect([client.state.call, problem()]).toEqual(["on", "device-gone"]);
    client.endCall();
    browser.microphones = ["usual", "headset"];
    await client.startCall();
    expect(browser.asked).toEqual(["headset", "", "headset"]);
    expect(problem()).toBe(null);
  });

  test("ends the call if it was the last one", async () => {
    await calling();
    browser.microphones = [];
    microphone()?.happens("ended");
    await settled();
    expect([client.state.call, problem()]).toEqual(["off", "mic-missing"]);
  });
});

test("a chosen microphone that is not there at the start gives way to the usual one", async () => {
  await calling({ microphone: "lost" });
  expect(browser.asked).toEqual(["lost", ""]);
  expect([client.state.call, problem()]).toEqual(["on", "device-gone"]);
});

test("a microphone that the system takes is missed, until it is given back", async () => {
  await calling();
  microphone()?.happens("mute");
  expect(problem()).toBe("mic-paused");
  microphone()?.happens("unmute");
  expect(problem()).toBe(null);
  expect(client.state.call).toBe("on");
});

describe("a chosen loudspeaker", () => {
  test("that is pulled out gives way to the usual one, and the user is told", async () => {
    await calling({ speaker: "headset-out" });
    await browser.unplug("headset-out");
    expect(output()?.sinks).toEqual(["headset-out", ""]);
    expect(problem()).toBe("device-gone");
  });

  test("stays when another is pulled out", async () => {
    await calling({ speaker: "headset-out" });
    await browser.unplug("built-in");
    expect(output()?.sinks).toEqual(["headset-out"]);
    expect(problem()).toBe(null);
  });
});

describe("sound that browsers allow only after a click", () => {
  test("is asked for within the click, before anything is waited for", () => {
    client = new Client({
      config: readConfig({}),
      worklets: { capture: "capture.js", playback: "playback.js" },
    });
    void client.startCall();
    expect(output()?.resumed).toBe(1);
  });

  test("goes on by itself when the system has stopped it for a while", async () => {
    await calling();
    for (const context of [output(), input()]) {
      context?.becomes("interrupted");
      expect(context?.state).toBe("running");
    }
  });

  test.each(["pointerdown", "keydown"])(
    "goes on after the next %s where it may not",
    async (name) => {
      await calling();
      for (const context of browser.contexts) context.state = "suspended";
      browser.window.dispatchEvent(new Event(name));
      expect(browser.contexts.map(({ state }) => state)).toEqual(["running", "running"]);
    },
  );

  test("goes on when the page is seen again, and the line is looked after", async () => {
    await calling();
    for (const context of browser.contexts) context.state = "suspended";
    browser.document.dispatchEvent(new Event("visibilitychange"));
    expect(browser.contexts.map(({ state }) => state)).toEqual(["running", "running"]);
    expect(browser.sent).toEqual(["ping"]);
  });
});

describe("a loudspeaker with a rate of its own", () => {
  const SECOND = 24_000;
  const silence = btoa("\0".repeat(2 * SECOND));
  const played = async () => {
    browser.tell({ type: "status", data: "generating", reply: 1 });
    browser.tell({ type: "audio", data: silence, reply: 1 });
    await settled();
    return browser.playback?.posted.reduce((sum, { samples }) => sum + (samples?.length ?? 0), 0);
  };

  test("is given the rate that the server names", async () => {
    await calling();
    expect(await played()).toBe(SECOND);
  });

  test.each([8_000, 16_000, 44_100, 48_000])(
    "of %i Hz gets as much sound as it needs",
    async (hz) => {
      [browser.deviceHz, browser.refusedHz] = [hz, 24_000];
      await calling();
      expect(output()?.sampleRate).toBe(hz);
      expect(Math.abs(((await played()) ?? 0) - hz)).toBeLessThan(hz / 100);
    },
  );
});

describe("the talk key", () => {
  const HELD_MS = 200;
  const hearFor = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 50) {
      browser.hear();
      await vi.advanceTimersByTimeAsync(50);
    }
  };

  test("makes one turn of what is said while it is held, from the first moment", async () => {
    await calling();
    client.setTalkMode("push");
    client.hold(true);
    await hearFor(HELD_MS - 50);
    expect(browser.sent).toEqual([]);
    await hearFor(100);
    client.hold(false);
    expect(browser.sent).toEqual(["start", ...Array(5).fill("sound"), "stop"]);
  });

  test("pressed for less than a word was never pressed", async () => {
    await calling();
    client.setTalkMode("push");
    client.hold(true);
    await hearFor(HELD_MS - 50);
    client.hold(false);
    await hearFor(1_000);
    expect(browser.sent).toEqual([]);
    expect(problem()).toBe(null);
  });

  test("pressed so in a call that listens anyway, takes no sound out of it", async () => {
    await calling();
    client.hold(true);
    await hearFor(100);
    client.hold(false);
    await hearFor(50);
    expect(browser.sent).toEqual(["sound", "sound", "sound"]);
  });

  test("pressed so silences the reply all the same", async () => {
    await calling();
    browser.tell({ type: "status", data: "generating", reply: 1 });
    client.hold(true);
    client.hold(false);
    expect(browser.sent).toEqual(["interrupt"]);
  });

  test("held when the call ends ends its turn", async () => {
    await calling();
    client.hold(true);
    await hearFor(HELD_MS);
    client.endCall();
    expect(browser.sent.filter((what) => what !== "sound")).toEqual(["start", "stop"]);
  });

  test("held when the line is lost begins its turn anew on the next", async () => {
    await calling();
    client.hold(true);
    await hearFor(HELD_MS);
    browser.socket?.onclose?.();
    browser.sent.length = 0;
    await vi.advanceTimersByTimeAsync(500);
    browser.connect();
    expect(browser.sent[0]).toBe("start");
  });
});
