// What the page shows, drawn without a browser.

import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, test } from "vitest";
import {
  type Client,
  initial,
  type ReplyItem,
  readConfig,
  type State,
} from "../../client/index.ts";
import { replyItem } from "../../client/items.ts";
import { SurroundingsContext } from "../../src/app/context.ts";
import { de } from "../../src/messages/de.ts";
import { fr } from "../../src/messages/fr.ts";
import { en, tongueOf } from "../../src/messages/index.ts";
import { brokenOff } from "../../src/views/call/brokenOff.ts";
import { ReplyWords } from "../../src/views/call/ReplyWords.tsx";

const TEXT = "It is mild today.";

function shown(change: Partial<ReplyItem>): string {
  const item: ReplyItem = { ...replyItem(1, TEXT, {}), id: 1, ...change };
  const state: State = initial;
  const client = { store: { subscribe: () => () => undefined, getSnapshot: () => state } };
  const surroundings = {
    client: client as unknown as Client,
    config: readConfig({}),
    preferences: { choices: {} },
    prefer: () => undefined,
    messages: en,
  };
  const markup = renderToStaticMarkup(
    <SurroundingsContext value={surroundings}>
      <ReplyWords item={item} />
    </SurroundingsContext>,
  );
  return markup.replace(/ class="[^"]*"/g, "");
}

describe("a reply", () => {
  test("that is being heard has a word that is heard now, and words to come", () => {
    expect(shown({ heard: "It is mild".length })).toBe(
      "It is <mark>mild</mark><span> today.</span>",
    );
  });

  test("that nobody has begun to hear is all to come", () => {
    expect(shown({})).toBe(`<mark></mark><span>${TEXT}</span>`);
  });

  test("that was heard is just its words", () => {
    expect(shown({ status: "complete", heard: TEXT.length })).toBe(TEXT);
  });

  test("that was cut off shows where, and what was never heard", () => {
    expect(shown({ status: "interrupted", heard: "It is mild".length })).toBe(
      "It is mild— <del>today.</del> <em>(interrupted)</em>",
    );
  });

  test("that was cut off between two sentences needs no dash", () => {
    expect(brokenOff("It is mild. ")).toBe("It is mild.");
    expect(brokenOff("It is mild, ")).toBe("It is mild,—");
    expect(brokenOff("")).toBe("");
  });

  test("that was cut off before its first sound says so", () => {
    expect(shown({ status: "interrupted" })).toBe(
      ` <del>${TEXT}</del> <em>(interrupted before it was heard)</em>`,
    );
  });
});

describe("the page's languages", () => {
  test.each([en, de, fr])("$name has every blank of the casting sentence", ({ welcome }) => {
    const blanks = [...welcome.casting.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(blanks.sort()).toEqual(["language", "persona", "speed", "voice"]);
  });

  test("the user's choice comes before the browser's, and English is the last resort", () => {
    expect(tongueOf("fr", ["de-AT"])).toBe("fr");
    expect(tongueOf(undefined, ["xx", "de-AT", "en"])).toBe("de");
    expect(tongueOf("xx", ["constructor"])).toBe("en");
  });
});
