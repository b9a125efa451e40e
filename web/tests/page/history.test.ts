import { describe, expect, test, vi } from "vitest";
import { replyItem } from "../../client/items.ts";
import type { Item } from "../../client/state.ts";
import { scriptText } from "../../src/views/history/scriptText.ts";
import { clockOf, dateOf, dayOf, lengthOf } from "../../src/views/history/times.ts";

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

/** The page speaks one language; these are the browser's. */
function speaking(lang: string, ...languages: string[]): void {
  vi.stubGlobal("document", { documentElement: { lang } });
  vi.stubGlobal("navigator", { languages, language: languages[0] });
}

describe("when something was is told as it is where the user is", () => {
  const evening = new Date(2026, 10, 21, 20, 7).getTime();

  test.each([
    ["en", ["en-US"], "November 21, 2026 at 8:07 PM"],
    ["en", ["en-GB", "en-US"], "21 November 2026 at 20:07"],
    ["en", ["de-DE", "en-GB"], "21 November 2026 at 20:07"],
    ["en", ["sv-SE"], "21 November 2026 at 20:07"],
    ["de", ["de"], "21. November 2026 um 20:07"],
    ["fr", ["en-US"], "21 novembre 2026 à 20:07"],
    ["en", ["C"], "November 21, 2026 at 8:07 PM"],
  ])("in %s, with a browser of %s", (tongue, languages, said) => {
    speaking(tongue, ...languages);
    expect(dateOf(evening).replace("\u202f", " ")).toBe(said);
  });

  test("the time of day too", () => {
    speaking("en", "en-GB");
    expect(clockOf(evening)).toBe("20:07");
  });
});

test("days are called as people call them", () => {
  speaking("en", "en-US");
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
