import { expect, test, vi } from "vitest";
import { readConfig } from "../../client/index.ts";
import { secondsOf } from "../../src/ui/seconds.ts";
import { traceFile } from "../../src/views/trace/traceFile.ts";
import { last, play } from "../client/exchange.ts";
import traced from "../exchanges/traced.json";

test("the file of a trace has every turn, and not a word of what was said", () => {
  const file = traceFile(last(play(traced)), readConfig({ engines: { stt: "ears" } }));
  const { turns, engines } = JSON.parse(file);
  expect(engines).toEqual({ stt: "ears" });
  expect(turns.length).toBe(2);
  expect(turns[0]).toMatchObject({ outcome: "complete", why: { stage: expect.any(String) } });
  expect(turns[0].steps.at(-1)).toMatchObject({ stage: "first_sound_played" });
  expect(file).not.toMatch(/weather|paris/i);
});

test("seconds are written in the page's language", () => {
  vi.stubGlobal("document", { documentElement: { lang: "de" } });
  expect(secondsOf(743)).toBe("0,74\u00a0s");
  expect(secondsOf(12_345)).toBe("12,3\u00a0s");
});
