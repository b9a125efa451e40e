// What is read from elsewhere, the server's settings and this browser's memory, is read with care.

import { beforeEach, describe, expect, test, vi } from "vitest";
import { readConfig, usualLanguage } from "../../client/config.ts";
import { loadItems, loadPreferences, saveItems, savePreferences } from "../../client/history.ts";
import { replyItem } from "../../client/items.ts";
import type { Item } from "../../client/state.ts";

class FakeStorage {
  #kept = new Map<string, string>();
  getItem = (key: string) => this.#kept.get(key) ?? null;
  setItem = (key: string, value: string) => this.#kept.set(key, value);
}

beforeEach(() => vi.stubGlobal("localStorage", new FakeStorage()));

const ITEMS: Item[] = [
  { kind: "user", id: 1, text: "Hello?", typed: false, confidence: 0.8 },
  { ...replyItem(1, "Hello there.", {}), id: 2, status: "interrupted", heard: 5 },
  { kind: "note", id: 3, note: "new-session" },
];

describe("what was said", () => {
  test("is kept without notes, and cut where it was cut", () => {
    saveItems(ITEMS, 10);
    expect(loadItems(10)).toMatchObject([
      { kind: "user", text: "Hello?" },
      { kind: "reply", text: "Hello there.", status: "interrupted", heard: 5, reply: 0 },
    ]);
  });

  test("the oldest is forgotten first, and a limit of none keeps nothing", () => {
    saveItems(ITEMS, 1);
    expect(loadItems(10)).toMatchObject([{ kind: "reply" }]);
    saveItems(ITEMS, 0);
    expect(loadItems(10)).toEqual([]);
  });

  test.each(["{", "7", '{"a":1}', '[null,{"who":"cat","text":"x"},{"who":"user","text":1}]'])(
    "a spoilt memory is no memory: %s",
    (spoilt) => {
      localStorage.setItem("repartee.said", spoilt);
      expect(loadItems(10)).toEqual([]);
    },
  );
});

describe("preferences", () => {
  test("come back as they were kept", () => {
    const kept = {
      choices: { persona: "astronaut", speed: 1.5 },
      volume: 0.3,
      theme: "dark" as const,
    };
    savePreferences(kept);
    expect(loadPreferences()).toEqual(kept);
  });

  test("what makes no sense is left out", () => {
    const spoilt = { choices: { speed: 9, voice: 1 }, volume: -1, theme: "pink", talkMode: "loud" };
    localStorage.setItem("repartee.preferences", JSON.stringify(spoilt));
    expect(loadPreferences()).toEqual({ choices: {} });
  });

  test("a browser that refuses to remember is no trouble", () => {
    vi.stubGlobal("localStorage", undefined);
    savePreferences({ choices: {} });
    expect(loadPreferences()).toEqual({ choices: {} });
  });
});

describe("the server's settings", () => {
  test("have sensible values, whatever was sent", () => {
    const plain = readConfig({});
    expect(plain).toMatchObject({ defaultVolume: 0.8, saveHistory: false, personas: [] });
    expect(readConfig(null)).toEqual(plain);
    expect(readConfig({ default_volume: "loud", chunk_size: -1, voices: "all" })).toEqual(plain);
  });

  test("name personas, voices and languages", () => {
    const { personas, voices, languages } = readConfig({
      personas: [{ key: "astronaut", name: "Captain Alex", voice: "am_adam" }, { name: 7 }],
      voices: [{ name: "af_heart", language: "en", gender: "female" }],
      languages: ["en"],
    });
    expect(personas).toEqual([{ value: "astronaut", label: "Captain Alex", voice: "am_adam" }]);
    expect(voices).toEqual([{ value: "af_heart", label: "Heart", language: "en" }]);
    expect(languages).toEqual([{ value: "en", label: "en" }]);
  });

  test("leave the names of other voices as they are", () => {
    const { voices } = readConfig({ voices: ["en-us", "aura-asteria-en", "de_DE-thorsten"] });
    expect(voices.map(({ label }) => label)).toEqual([
      "en-us",
      "aura-asteria-en",
      "de_DE-thorsten",
    ]);
  });

  test("say which language is meant where none is chosen", () => {
    const config = readConfig({
      default_language: "en",
      personas: [{ key: "koch", language: "de" }, { key: "nobody" }],
    });
    expect(usualLanguage(config, {})).toBe("en");
    expect(usualLanguage(config, { persona: "koch" })).toBe("de");
    expect(usualLanguage(config, { persona: "nobody" })).toBe("en");
    expect(usualLanguage(readConfig({}), {})).toBe("");
  });
});
