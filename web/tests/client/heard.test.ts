import { describe, expect, test } from "vitest";
import { heardAfter, lengthHeard, phraseIn } from "../../client/heard.ts";

const TEXT = "It is mild today. Take a coat.";

describe("where a reply was cut", () => {
  test("at the end of what was heard, when both are spelled alike", () => {
    expect(lengthHeard(TEXT, "It is mild")).toBe(10);
    expect(lengthHeard(TEXT, "")).toBe(0);
  });

  test("at the same count of words, when they are not", () => {
    expect(lengthHeard("It's 5 °C — take a coat.", "It's five degrees")).toBe("It's 5 °C".length);
  });
});

describe("where a phrase stands", () => {
  test("where it is written, after what was spoken before", () => {
    expect(phraseIn(TEXT, 17, "Take a coat.")).toEqual([18, 30]);
  });

  test("over as many words, when it is spoken otherwise than written", () => {
    expect(phraseIn("At 3 °C, stay in.", 0, "At three degrees,")).toEqual([0, "At 3 °C,".length]);
  });

  test("not at a far later place that happens to look the same", () => {
    expect(phraseIn("a b c d e f g h a", 2, "a")[0]).toBe(2);
  });
});

describe("how far the listener has come", () => {
  const phrases = [
    { from: 0, to: 17, startMs: 0, endMs: 1_000 },
    { from: 18, to: 30, startMs: 1_000, endMs: null },
  ];

  test("nowhere before the first sound", () => {
    expect(heardAfter(TEXT, [], 0, 60)).toBe(0);
  });

  test("by the usual pace where nothing is known, to the end of the word that has begun", () => {
    expect(heardAfter(TEXT, [], 240, 60)).toBe("It is".length);
    expect(heardAfter(TEXT, [], 1e9, 60)).toBe(TEXT.length);
  });

  test("in step with the sound inside a phrase, and never past its end", () => {
    expect(heardAfter(TEXT, phrases, 500, 60)).toBe("It is mild".length);
    expect(heardAfter(TEXT, phrases, 999, 60)).toBe(17);
  });

  test("by pace in a phrase whose end is not known yet", () => {
    expect(heardAfter(TEXT, phrases, 1_060, 60)).toBe("It is mild today. Take".length);
    expect(heardAfter(TEXT, phrases, 9_000, 60)).toBe(TEXT.length);
  });
});
