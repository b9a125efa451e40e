// The socket with a fake WebSocket and a fake clock.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Socket, socketUrl, waitMs } from "../../client/socket.ts";

class FakeWebSocket {
  static made: FakeWebSocket[] = [];
  readyState = 0;
  bufferedAmount = 0;
  sent: unknown[] = [];
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;

  constructor() {
    FakeWebSocket.made.push(this);
  }

  send(data: unknown): void {
    this.sent.push(data);
  }

  close(): void {
    this.readyState = 3;
  }

  // ------------------------------------------------------------ the server's side

  accept(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  drop(): void {
    this.readyState = 3;
    this.onclose?.();
  }

  get messages(): string[] {
    return this.sent.filter((data) => typeof data === "string");
  }

  get sounds(): unknown[] {
    return this.sent.filter((data) => typeof data !== "string");
  }
}

type Address = (lost: string | null) => string | Promise<string>;

const PING = '{"type":"ping"}';
const newest = () => FakeWebSocket.made.at(-1) as FakeWebSocket;
const frame = (id: number) => Uint8Array.of(id).buffer;
const idsOf = (sounds: unknown[]) => sounds.map((sound) => new Uint8Array(sound as ArrayBuffer)[0]);

function made(address: Address = () => "ws://here/ws") {
  const heard: string[] = [];
  const socket = new Socket(
    { address, now: () => Date.now() },
    {
      onLink: (link) => heard.push(link),
      onTold: (told) => heard.push(`told ${told.kind}`),
      onRoundTrip: (ms) => heard.push(`${ms} ms`),
    },
  );
  return { socket, heard };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeWebSocket);
  FakeWebSocket.made = [];
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the wait between tries", () => {
  test("doubles up to ten seconds, spread over its second half", () => {
    expect([0, 1, 2, 10, 1_000].map((failures) => waitMs(failures, () => 1))).toEqual([
      250, 500, 1_000, 10_000, 10_000,
    ]);
    expect(waitMs(2, () => 0)).toBe(500);
  });
});

describe("connecting", () => {
  test("an address may have to be waited for", async () => {
    const { socket, heard } = made(async () => "ws://here/ws?token=x");
    socket.open();
    expect(FakeWebSocket.made).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(0);
    newest().accept();
    expect(heard).toEqual(["connecting", "open"]);
  });

  test("one that does not come is tried again, and one that comes too late is of no use", async () => {
    const answers = [Promise.reject(new Error("no token")), Promise.resolve("ws://here/ws")];
    const { socket, heard } = made(() => answers.shift() ?? "");
    socket.open();
    await vi.advanceTimersByTimeAsync(0);
    expect(heard).toEqual(["connecting", "waiting"]);
    vi.advanceTimersByTime(250);
    socket.close();
    await vi.advanceTimersByTimeAsync(0);
    expect(FakeWebSocket.made).toHaveLength(0);
  });

  test("a lost connection comes back by itself, sooner or later", () => {
    const { socket, heard } = made();
    socket.open();
    newest().drop();
    expect(heard).toEqual(["connecting", "waiting"]);
    vi.advanceTimersByTime(250);
    expect(FakeWebSocket.made).toHaveLength(2);
    for (let i = 0; i < 20; i += 1) {
      newest().drop();
      vi.advanceTimersByTime(10_000);
    }
    expect(FakeWebSocket.made).toHaveLength(22);
    newest().accept();
    expect(heard.at(-1)).toBe("open");
  });

  test("a server that takes the connection and has no room is not asked faster and faster", () => {
    const { socket } = made();
    socket.open();
    const waits = Array.from({ length: 8 }, () => {
      const before = FakeWebSocket.made.length;
      newest().accept();
      newest().say({ type: "error", data: "All places are taken.", code: "refused" });
      newest().drop();
      const began = Date.now();
      while (FakeWebSocket.made.length === before) vi.advanceTimersByTime(10);
      return Date.now() - began;
    });
    expect(waits[0]).toBeLessThanOrEqual(250);
    expect(waits[7]).toBeGreaterThanOrEqual(5_000);
  });

  test.each([
    ["that has no room", { type: "error", data: "Full.", code: "refused", retry_after_ms: 10_000 }],
    ["that goes", { type: "status", data: "going_away", resume_after_ms: 10_000 }],
  ])("a server %s is asked again when it said, and not much later", (_, message) => {
    const { socket } = made();
    socket.open();
    newest().accept();
    newest().say(message);
    newest().drop();
    vi.advanceTimersByTime(10_000);
    expect(FakeWebSocket.made).toHaveLength(1);
    vi.advanceTimersByTime(250);
    expect(FakeWebSocket.made).toHaveLength(2);
    newest().drop();
    vi.advanceTimersByTime(500);
    expect(FakeWebSocket.made).toHaveLength(3);
  });

  test("what was said before a call was there has no bearing on its end", () => {
    const { socket } = made();
    socket.open();
    newest().accept();
    newest().say({ type: "error", data: "Full.", code: "refused", retry_after_ms: 10_000 });
    newest().say({ type: "status", data: "connected", session_id: "one" });
    newest().drop();
    vi.advanceTimersByTime(250);
    expect(FakeWebSocket.made).toHaveLength(2);
  });

  test("after a greeting from the server the wait is short again", () => {
    const { socket } = made();
    socket.open();
    for (let i = 0; i < 6; i += 1) {
      newest().drop();
      vi.advanceTimersByTime(10_000);
    }
    newest().accept();
    newest().say({ type: "status", data: "connected", session_id: "one" });
    newest().drop();
    const before = FakeWebSocket.made.length;
    vi.advanceTimersByTime(250);
    expect(FakeWebSocket.made).toHaveLength(before + 1);
  });

  test("a nudge ends the wait", () => {
    const { socket } = made();
    socket.open();
    newest().drop();
    socket.nudge();
    expect(FakeWebSocket.made).toHaveLength(2);
    vi.advanceTimersByTime(10_000);
    expect(FakeWebSocket.made).toHaveLength(2);
  });

  test("the lost session is named when asking where to connect", () => {
    const asked: (string | null)[] = [];
    const { socket } = made((lost) => {
      asked.push(lost);
      return "ws://here/ws";
    });
    socket.open();
    newest().accept();
    newest().say({ type: "status", data: "connected", session_id: "one" });
    newest().drop();
    vi.advanceTimersByTime(250);
    expect(asked).toEqual([null, "one"]);
  });

  test("closed is closed: nothing comes back, and nothing of the past is named", () => {
    const { socket, heard } = made();
    socket.open();
    newest().accept();
    const old = newest();
    socket.close();
    old.drop();
    vi.advanceTimersByTime(60_000);
    expect(FakeWebSocket.made).toHaveLength(1);
    expect(heard.at(-1)).toBe("closed");
  });

  test("what is no message is not told", () => {
    const { socket, heard } = made();
    socket.open();
    newest().accept();
    newest().onmessage?.({ data: "{" });
    newest().onmessage?.({ data: new ArrayBuffer(2) });
    expect(heard).toEqual(["connecting", "open"]);
  });
});

describe("the pulse", () => {
  test("measures how long a ping takes", () => {
    const { socket, heard } = made();
    socket.open();
    newest().accept();
    expect(newest().messages).toEqual([PING]);
    vi.advanceTimersByTime(23);
    newest().say({ type: "pong" });
    expect(heard.at(-1)).toBe("23 ms");
  });

  test("measures again once the page is not busy with loading itself", () => {
    const { socket, heard } = made();
    socket.open();
    newest().accept();
    vi.advanceTimersByTime(90);
    newest().say({ type: "pong" });
    vi.advanceTimersByTime(1_500);
    newest().say({ type: "pong" });
    expect(heard.slice(-2)).toEqual(["90 ms", expect.stringMatching(/^\d\d? ms$/)]);
    expect(newest().messages).toEqual([PING, PING]);
  });

  test("a server that no longer answers is left", () => {
    const { socket, heard } = made();
    socket.open();
    newest().accept();
    newest().say({ type: "pong" });
    vi.advanceTimersByTime(10_000);
    expect(heard.at(-1)).toBe("waiting");
  });

  test("a page that slept is not mistaken for a server that did", () => {
    const { socket, heard } = made();
    socket.open();
    newest().accept();
    newest().say({ type: "pong" });
    vi.setSystemTime(Date.now() + 3_600_000);
    socket.nudge();
    expect(heard.at(-1)).not.toBe("waiting");
    expect(newest().messages).toEqual([PING, PING]);
  });
});

describe("sound", () => {
  test("waits for the connection, two seconds of it at most, the oldest being dropped", () => {
    const { socket } = made();
    socket.open();
    for (let i = 0; i < 100; i += 1) socket.sendSound(frame(i));
    newest().accept();
    expect(idsOf(newest().sounds)).toEqual(Array.from({ length: 64 }, (_, i) => 36 + i));
  });

  test("settings that are sent on opening go before it", () => {
    const socket = new Socket(
      { address: () => "ws://here/ws", now: () => Date.now() },
      {
        onLink: (link) => link === "open" && socket.send({ type: "config", voice: "af" }),
        onTold: () => undefined,
        onRoundTrip: () => undefined,
      },
    );
    socket.open();
    socket.sendSound(frame(1));
    newest().accept();
    expect(newest().sent[0]).toBe('{"type":"config","voice":"af"}');
    expect(newest().sounds).toHaveLength(1);
  });

  test("does not pile up on a slow line, and flows on when the line does", () => {
    const { socket } = made();
    socket.open();
    newest().accept();
    newest().bufferedAmount = 20_000;
    for (let i = 0; i < 100; i += 1) socket.sendSound(frame(i));
    expect(newest().sounds).toHaveLength(0);
    newest().bufferedAmount = 0;
    vi.advanceTimersByTime(50);
    expect(idsOf(newest().sounds).at(0)).toBe(36);
    expect(newest().sounds).toHaveLength(64);
  });
});

describe("messages", () => {
  test("are sent at once or not at all", () => {
    const { socket } = made();
    expect(socket.send({ type: "interrupt" })).toBe(false);
    socket.open();
    expect(socket.send({ type: "interrupt" })).toBe(false);
    newest().accept();
    expect(socket.send({ type: "interrupt" })).toBe(true);
  });
});

test("the address follows the page: secure if either is", () => {
  expect(socketUrl("", "http://here:8000/x")).toBe("ws://here:8000/ws");
  expect(socketUrl("/ws", "https://here/")).toBe("wss://here/ws");
  expect(socketUrl("ws://there:9/ws", "https://here/")).toBe("wss://there:9/ws");
});

test("what is said about the sound comes after it, however slow the line is", () => {
  const { socket } = made();
  socket.open();
  newest().accept();
  newest().bufferedAmount = 1_000_000;
  socket.sendSound(frame(1));
  expect(newest().sounds).toEqual([]);
  socket.sendAfterSound({ type: "stop" });
  expect(newest().sent.slice(1)).toEqual([frame(1), '{"type":"stop"}']);
});

test("whoever looks for a fault sees every message, and of sound its length", () => {
  const seen: unknown[] = [];
  const socket = new Socket(
    { address: () => "ws://here/ws" },
    {
      onLink: () => undefined,
      onTold: () => undefined,
      onRoundTrip: () => undefined,
      onFrame: (way, noted) => seen.push([way, noted]),
    },
  );
  socket.open();
  newest().accept();
  socket.sendSound(frame(1));
  newest().say({ type: "audio", data: "AAAA", reply: 1 });
  newest().say({ type: "pong" });
  expect(seen).toEqual([
    ["out", PING],
    ["out", 1],
    ["in", 4],
    ["in", '{"type":"pong"}'],
  ]);
});
