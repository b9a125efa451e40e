import { describe, expect, test } from "vitest";
import { barsOf, settled } from "../../src/views/call/spectrum.ts";

const BINS = 512;

describe("the bars", () => {
  test("show nothing of what lies above 60 % of the spectrum", () => {
    const high = new Uint8Array(BINS).fill(255, Math.floor(BINS * 0.6));
    expect(Math.max(...barsOf(high, 40, 1))).toBe(0);
  });

  test("show everything below, loudest where it is loudest", () => {
    const low = new Uint8Array(BINS).fill(255, 1, Math.floor(BINS * 0.6));
    expect(Math.min(...barsOf(low, 40, 1))).toBe(1);
    for (const bin of [2, 20, 150, 300]) {
      const tone = new Uint8Array(BINS);
      tone[bin] = 255;
      expect(Math.max(...barsOf(tone, 40, 1))).toBeGreaterThan(0.2);
    }
  });

  test("are as many as asked for, on whatever width", () => {
    expect([1, 7, 300].map((count) => barsOf(new Uint8Array(BINS), count, 1).length)).toEqual([
      1, 7, 300,
    ]);
  });

  test("rise at once and fall gently", () => {
    expect(settled([0.2, 1], [0.9, 0], 0.5)).toEqual([0.9, 0.5]);
    expect(settled([], [0.3], 0.5)).toEqual([0.3]);
  });
});
