// Every language says everything that English says, and nothing is left in English by mistake.

import { describe, expect, test } from "vitest";
import { de } from "../../src/messages/de.ts";
import { fr } from "../../src/messages/fr.ts";
import { en } from "../../src/messages/index.ts";
import { TONGUES } from "../../src/messages/tongues.ts";

const OTHERS = { de, fr };
/** Words that are the same in more than one language. */
const ALIKE = new Set(
  "Repartee Server Browser Message message Messages Volume Conversation Page Echo –".split(" "),
);

/** Every message by its path; those that are told something are told two different things. */
function messagesOf(said: object, path = ""): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [name, one] of Object.entries(said)) {
    const at = `${path}${name}`;
    if (typeof one === "string") found.set(at, [one]);
    else if (typeof one === "function") found.set(at, [one(1, 2, 3), one(7, 8, 9)].map(String));
    else for (const [key, value] of messagesOf(one, `${at}.`)) found.set(key, value);
  }
  return found;
}

const english = messagesOf(en);

test("there are English and at least two more", () => {
  expect(Object.keys(TONGUES)).toEqual(["en", ...Object.keys(OTHERS)]);
});

describe.each(Object.entries(OTHERS))("%s", (_, words) => {
  const said = messagesOf(words);

  test("has every message, and no other", () => {
    expect([...said.keys()].sort()).toEqual([...english.keys()].sort());
  });

  test("leaves nothing unsaid that English says", () => {
    const silent = [...english].filter(([path, [text]]) => text && !said.get(path)?.[0]?.trim());
    expect(silent).toEqual([]);
  });

  test("says what it was told wherever English does", () => {
    const figures = (text = "") => (text.match(/\d+/g) ?? []).sort();
    for (const [path, [first, second]] of english) {
      if (second === undefined) continue;
      const [one, other] = said.get(path) ?? [];
      expect(figures(one), path).toEqual(figures(first));
      expect(figures(other), path).toEqual(figures(second));
    }
  });

  test("leaves no sentence in English", () => {
    const sentences = [...english].filter(([, [text = ""]]) => /\p{L}{2,}\s+\p{L}{2,}/u.test(text));
    expect(sentences.length).toBeGreaterThan(100);
    const left = sentences.filter(([path, [text]]) => text === said.get(path)?.[0]);
    expect(left).toEqual([]);
  });

  test("shares single words with English only where they are the same", () => {
    const shared = [...english].filter(([path, [text]]) => text && text === said.get(path)?.[0]);
    const unexpected = shared.filter(([, [text = ""]]) => !ALIKE.has(text) && !/\d/.test(text));
    expect(unexpected.map(([path, [text]]) => `${path}: ${text}`)).toEqual([]);
  });
});
