// Samples: what goes in must come out, at whatever rate and in whatever pieces.

import { describe, expect, test } from "vitest";
import { bytesOf } from "../../client/audio/base64.ts";
import { Ledger } from "../../client/audio/ledger.ts";
import { Framer, floatsOf, int16Of, levelOf, loudness } from "../../client/audio/pcm.ts";
import { Resampler } from "../../client/audio/resampler.ts";
import { Ring } from "../../client/audio/ring.ts";
import { readWav } from "../../client/audio/wav.ts";
import { wavOf } from "./wav.ts";

const tone = (hz: number, rateHz: number, seconds: number) =>
  Float32Array.from(
    { length: Math.round(rateHz * seconds) },
    (_, i) => 0.5 * Math.sin((2 * Math.PI * hz * i) / rateHz),
  );

const joined = (pieces: Float32Array[]) => Float32Array.from(pieces.flatMap((piece) => [...piece]));

/** In decibels; the edges, where a filter rings, are left out. */
function signalToNoise(wanted: Float32Array, got: Float32Array, edge: number): number {
  let signal = 0;
  let noise = 0;
  for (let i = edge; i < Math.min(wanted.length, got.length) - edge; i += 1) {
    const [a, b] = [wanted[i] ?? 0, got[i] ?? 0];
    signal += a * a;
    noise += (a - b) ** 2;
  }
  return 10 * Math.log10(signal / noise);
}

describe("the resampler", () => {
  test.each([
    [48_000, 16_000],
    [44_100, 16_000],
    [8_000, 16_000],
    [24_000, 48_000],
    [24_000, 44_100],
  ])("keeps a tone from %i to %i Hz", (from, to) => {
    const resampler = new Resampler(from, to);
    const got = joined([resampler.push(tone(440, from, 0.5)), resampler.finish()]);
    expect(Math.abs(got.length - to / 2)).toBeLessThanOrEqual(1);
    expect(signalToNoise(tone(440, to, 0.5), got, 200)).toBeGreaterThan(55);
  });

  test("takes away what the lower rate cannot hold", () => {
    const got = new Resampler(48_000, 16_000).push(tone(12_000, 48_000, 0.5));
    expect(loudness(got.subarray(200))).toBeLessThan(0.001);
  });

  test("has no seams, however the sound is cut", () => {
    const sound = tone(440, 44_100, 0.2);
    const whole = new Resampler(44_100, 16_000).push(sound);
    const resampler = new Resampler(44_100, 16_000);
    const pieces = [];
    for (let i = 0; i < sound.length; i += 128)
      pieces.push(resampler.push(sound.subarray(i, i + 128)));
    const pieced = joined(pieces);
    expect(pieced.length).toBe(whole.length);
    expect(signalToNoise(whole, pieced, 0)).toBeGreaterThan(100);
  });

  test("between equal rates changes nothing", () => {
    const sound = tone(440, 16_000, 0.1);
    const resampler = new Resampler(16_000, 16_000);
    expect(resampler.push(sound)).toEqual(sound);
    expect(resampler.finish().length).toBe(0);
  });
});

describe("PCM", () => {
  test("survives the way there and back, and is clipped, not wrapped", () => {
    const samples = int16Of(Float32Array.of(0, 0.5, -1, 1, 2, -2));
    expect([...samples]).toEqual([0, 16384, -32768, 32767, 32767, -32768]);
    const back = floatsOf(new Uint8Array(samples.buffer));
    expect([...back.slice(0, 3)]).toEqual([0, 0.5, -1]);
  });

  test("an odd byte at the end is left out", () => {
    expect(floatsOf(new Uint8Array(5)).length).toBe(2);
  });

  test("is cut into frames of one size, with nothing lost between them", () => {
    const framer = new Framer(3);
    expect(framer.push(Float32Array.of(1, 2))).toEqual([]);
    expect(framer.push(Float32Array.of(3, 4, 5, 6, 7)).map((frame) => [...frame])).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  test("is as loud as the ear takes it", () => {
    expect(levelOf(0)).toBe(0);
    expect(levelOf(1)).toBe(1);
    expect(levelOf(loudness(tone(440, 16_000, 0.1)))).toBeGreaterThan(0.9);
  });
});

test("base64 gives its bytes, and what is no base64 gives nothing", () => {
  expect([...(bytesOf("AAEC") ?? [])]).toEqual([0, 1, 2]);
  expect(bytesOf("?")).toBe(null);
});

describe("the ring", () => {
  const ringOf = (options = {}) =>
    new Ring({ capacity: 8, limit: 32, gather: 0, fade: 0, ...options });
  const ramp = (from: number, to: number) =>
    Float32Array.from({ length: to - from }, (_, i) => from + i);
  const read = (ring: Ring, count: number) => {
    const out = new Float32Array(count);
    ring.read(out);
    return [...out];
  };

  test("gives back what it was given, in order, round and round", () => {
    const ring = ringOf();
    for (let i = 1; i < 40; i += 5) {
      expect(ring.write(ramp(i, i + 5))).toBe(0);
      expect(read(ring, 5)).toEqual([...ramp(i, i + 5)]);
    }
    expect(ring.played).toBe(40);
  });

  test("grows to its limit, and says what it refused", () => {
    const ring = ringOf();
    expect(ring.write(ramp(0, 40))).toBe(8);
    expect(read(ring, 32)).toEqual([...ramp(0, 32)]);
  });

  test("gathers a little before it begins, but never for ever", () => {
    const ring = ringOf({ gather: 4 });
    ring.write(ramp(1, 3));
    expect(read(ring, 2)).toEqual([0, 0]);
    expect(read(ring, 2)).toEqual([0, 0]);
    expect(read(ring, 2)).toEqual([1, 2]);
  });

  test("a flush is silent after a short slope, and tells what was played", () => {
    const ring = ringOf({ capacity: 64, limit: 64, fade: 4 });
    ring.write(new Float32Array(40).fill(1));
    read(ring, 10);
    expect(ring.flush()).toBe(10);
    expect(read(ring, 8)).toEqual([0.75, 0.5, 0.25, 0, 0, 0, 0, 0]);
    expect(ring.played).toBe(0);
  });

  test("a gap is bridged by a slope, and what comes after it rises again: no step, no click", () => {
    const ring = ringOf({ capacity: 512, limit: 512, fade: 32 });
    ring.write(new Float32Array(100).fill(0.8));
    const before = read(ring, 128);
    expect(ring.played).toBe(100);
    ring.write(new Float32Array(100).fill(0.8));
    const all = [...before, ...read(ring, 64)];
    expect(all.at(-1)).toBeCloseTo(0.8);
    const steps = all.slice(1).map((sample, i) => Math.abs(sample - (all[i] ?? 0)));
    expect(Math.max(...steps)).toBeLessThan(0.06);
  });

  test("silence counts for nothing", () => {
    const ring = ringOf();
    read(ring, 100);
    expect(ring.played).toBe(0);
  });
});

describe("the ledger", () => {
  test("knows whose sound is heard, and how much of each was", () => {
    const ledger = new Ledger();
    expect(ledger.add(1, 100)).toBe(0);
    expect(ledger.add(2, 50)).toBe(0);
    expect(ledger.add(2, 50)).toBe(50);
    expect([0, 1, 100, 101].map((played) => ledger.replyAt(played))).toEqual([0, 1, 1, 2]);
    expect(ledger.heardOf(2, 130)).toBe(30);
  });

  test("counts phrases that are not yet played to their end", () => {
    const ledger = new Ledger();
    ledger.add(1, 10);
    ledger.endPhrase();
    ledger.add(1, 10);
    ledger.endPhrase();
    expect([0, 10, 20].map((played) => ledger.phrasesWaiting(played))).toEqual([2, 1, 0]);
  });
});

describe("the ledger of a call that lasts for hours", () => {
  test("forgets the replies that were played long ago, and none that is heard", () => {
    const ledger = new Ledger();
    for (let reply = 1; reply <= 5_000; reply += 1) ledger.add(reply, 10);
    expect(ledger.replyAt(49_995)).toBe(5_000);
    expect(ledger.heardOf(5_000, 49_995)).toBe(5);
    expect(ledger.heardOf(1, 49_995)).toBe(0);
  });
});

describe("a WAV file", () => {
  const wav = (kind = {}) => wavOf(Float32Array.of(0.5, -0.5, 0.25, 0.75), kind);

  test("gives its samples and their rate", () => {
    const sound = readWav(wav());
    expect(sound?.rateHz).toBe(24_000);
    expect([...(sound?.samples ?? [])]).toEqual([0.5, -0.5, 0.25, 0.75]);
  });

  test("may have other chunks before its sound, and more than one channel", () => {
    expect(readWav(wav({ extra: 12 }))?.samples.length).toBe(4);
    expect([...(readWav(wav({ channels: 2 }))?.samples ?? [])]).toEqual([0, 0.5]);
  });

  test("anything else is nothing", () => {
    expect(readWav(new Uint8Array(0))).toBe(null);
    expect(readWav(wav({ bits: 8 }))).toBe(null);
    expect(readWav(wav({ format: 3 }))).toBe(null);
    expect(readWav(wav({ channels: 0 }))).toBe(null);
    expect(readWav(wav().subarray(0, 36))).toBe(null);
    expect(readWav(wav().subarray(0, 47))?.samples.length).toBe(1);
  });
});
