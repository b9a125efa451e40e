import { describe, expect, test, vi } from "vitest";
import { replyItem } from "../../client/items.ts";
import type { Item } from "../../client/state.ts";
import { scriptText } from "../../src/views/history/scriptText.ts";
import { dayOf, lengthOf } from "../../src/views/history/times.ts";

const NAMES = {
  you: "You",
  it: (persona: string) => persona || "Repartee",
  unheard: (words: string) => `not heard: ${words}`,
};
const question: Item = { kind: "user", id: 1, text: "Hello?", typed: false, confidence: 0.8 };
const answer = {
  ...replyItem(1, "Hello there.", {}),
  id: 2,
  heard: 12,
  status: "complete",
} as const;

describe("a conversation as text", () => {
  const lines = (items: Item[]) => scriptText("Title", items, NAMES).split("\n");

  test("has its title, and a line for everything that was said", () => {
    expect(lines([question, { ...answer, persona: "Alex" }])).toEqual([
      "Title",
      "",
      "You: Hello?",
      "Alex: Hello there.",
      "",
    ]);
  });

  test("says what was never heard", () => {
    expect(lines([{ ...answer, status: "interrupted", heard: 5 }])[2]).toBe(
      "Repartee: Hello— [not heard: there.]",
    );
    expect(lines([{ ...answer, status: "interrupted", heard: 0 }])[2]).toBe(
      "Repartee: [not heard: Hello there.]",
    );
  });

  test("leaves out notes and silence", () => {
    expect(
      lines([
        { kind: "note", id: 3, note: "persona" },
        { ...answer, text: "" },
      ]),
    ).toEqual(["Title", "", ""]);
  });
});

test("days are called as people call them", () => {
  vi.stubGlobal("document", { documentElement: { lang: "en" } });
  const noon = new Date(2026, 5, 15, 12).getTime();
  const day = 86_400_000;
  expect(dayOf(noon - 11 * 3_600_000, noon)).toBe("Today");
  expect(dayOf(noon - day, noon)).toBe("Yesterday");
  expect(dayOf(noon - 3 * day, noon)).toBe("Friday, June 12");
  expect(dayOf(noon - 400 * day, noon)).toContain("2025");
});

test("lengths", () => {
  expect(lengthOf(-5)).toBe("0:00");
  expect(lengthOf(52_400)).toBe("0:52");
  expect(lengthOf(3_730_000)).toBe("1:02:10");
});
