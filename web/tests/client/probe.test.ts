// The way to the server, measured over a fake WebSocket and a fake clock.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { probe } from "../../client/probe.ts";

class FakeServer {
  static newest: FakeServer;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  sent: string[] = [];
  isClosed = false;

  constructor() {
    FakeServer.newest = this;
  }

  send(frame: string): void {
    this.sent.push(frame);
  }

  close(): void {
    this.isClosed = true;
  }

  says(message: object, afterMs: number): void {
    vi.advanceTimersByTime(afterMs);
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
  vi.stubGlobal("WebSocket", FakeServer);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("each ping waits for the answer to the one before", async () => {
  const probing = probe("ws://here/ws", 2);
  const server = FakeServer.newest;
  server.says({ type: "status", data: "connected", session_id: "s" }, 12);
  expect(server.sent.length).toBe(1);
  server.says({ type: "pong" }, 5);
  expect(server.sent.length).toBe(2);
  server.says({ type: "pong" }, 9);
  expect(await probing).toEqual({ openMs: 12, roundTripsMs: [5, 9] });
  expect(server.isClosed).toBe(true);
});

test("a server that says nothing is given up", async () => {
  const probing = probe("ws://here/ws", 2);
  const isGivenUp = expect(probing).rejects.toThrow("did not answer");
  vi.advanceTimersByTime(10_000);
  await isGivenUp;
  expect(FakeServer.newest.isClosed).toBe(true);
});

test("so is one that hangs up", async () => {
  const probing = probe("ws://here/ws", 2);
  FakeServer.newest.onclose?.();
  await expect(probing).rejects.toThrow("did not answer");
});
