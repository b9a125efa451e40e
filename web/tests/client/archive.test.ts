// What the server keeps, read with care, and set as it was heard.

import { afterEach, describe, expect, test, vi } from "vitest";
import { Archive, ArchiveError, itemsOf, type PastTurn, speaksOf } from "../../client/archive.ts";

const SESSION = {
  id: "6f2c1d8e",
  interface: "ws",
  persona: "astronaut",
  status: "ended",
  created_at: "2026-01-02T03:04:05.250000Z",
  ended_at: null,
  turns: 2,
};
const TURN = {
  id: "b1a7f0de",
  mode: "spoken",
  user_text: "What is the weather like?",
  assistant_text: "It is mild today, with a little wind.",
  heard_text: "It is mild",
  confidence: 0.91,
  started_at: "2026-01-02T03:04:06Z",
  status: "interrupted",
  time_to_first_audio: 0.533,
};

const asked: string[] = [];

function serverSays(body: unknown, status = 200): void {
  vi.stubGlobal("fetch", async (url: URL, { method }: RequestInit) => {
    asked.push(`${method} ${url.pathname}${url.search}`);
    return new Response(body === null ? null : JSON.stringify(body), { status });
  });
}

afterEach(() => {
  vi.unstubAllGlobals();
  asked.length = 0;
});

const archive = new Archive("https://here/talk/");

describe("sessions", () => {
  test("are asked for page by page, below whatever path the page has", async () => {
    serverSays([SESSION]);
    expect(await archive.sessions(50)).toMatchObject([
      { id: "6f2c1d8e", began: Date.UTC(2026, 0, 2, 3, 4, 5, 250), ended: null, turns: 2 },
    ]);
    await archive.sessions(50, "a b");
    expect(asked).toEqual([
      "GET /talk/sessions?limit=50",
      "GET /talk/sessions?limit=50&before=a+b",
    ]);
  });

  test("that make no sense are left out", async () => {
    serverSays([null, 7, {}, { id: "x", created_at: "soon" }]);
    expect(await archive.sessions(50)).toEqual([]);
    serverSays({ detail: "not a list" });
    expect(await archive.sessions(50)).toEqual([]);
  });

  test("are deleted by their id", async () => {
    serverSays(null, 204);
    await archive.delete("../health");
    expect(asked).toEqual(["DELETE /talk/sessions/..%2Fhealth"]);
  });
});

describe("what goes wrong", () => {
  test("is told in the server's own sentence", async () => {
    serverSays({ detail: "There is no such session." }, 404);
    await expect(archive.turns("x")).rejects.toThrow(new ArchiveError("There is no such session."));
  });

  test("has no sentence where nobody answers", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("failed")));
    await expect(archive.turns("x")).rejects.toThrow(new ArchiveError(""));
  });
});

describe("a turn", () => {
  test("that was interrupted is cut where its listener stopped hearing", async () => {
    serverSays([TURN]);
    const [turn] = await archive.turns("x");
    const [said, answer] = itemsOf(turn as PastTurn);
    expect(said).toMatchObject({ kind: "user", text: TURN.user_text, confidence: 0.91 });
    expect(answer).toMatchObject({ kind: "reply", status: "interrupted" });
    expect(answer.text.slice(0, answer.heard)).toBe(TURN.heard_text);
    expect(turn?.gapMs).toBeCloseTo(533);
  });

  test.each([
    ["complete", "complete"],
    ["low_confidence", "complete"],
    ["failed", "failed"],
    ["something new", "complete"],
  ])("whose status is %s is shown as %s", async (status, shown) => {
    serverSays([{ ...TURN, status }]);
    const [turn] = await archive.turns("x");
    expect(itemsOf(turn as PastTurn)[1].status).toBe(shown);
  });

  test("is found by words of either side, however they are written", async () => {
    serverSays([TURN, { ...TURN, user_text: "Où est le café ?" }]);
    const turns = await archive.turns("x");
    expect(speaksOf(turns, "MILD weather")).toBe(true);
    expect(speaksOf(turns, "ou cafe")).toBe(true);
    expect(speaksOf(turns, "mild snow")).toBe(false);
    expect(speaksOf(turns, " ")).toBe(true);
  });
});

test("what was written is told from what was said, and nobody doubts it", async () => {
  serverSays([TURN, { ...TURN, mode: "typed", confidence: 1 }]);
  const said = (await archive.turns("6f2c1d8e")).map((turn) => itemsOf(turn)[0]);
  expect(said.map(({ typed, confidence }) => [typed, confidence])).toEqual([
    [false, 0.91],
    [true, null],
  ]);
});
