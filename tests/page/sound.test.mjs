// Samples on their way: conversions, frames, rates, the ring that plays and the ledger that counts.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Ledger } from "../../src/repartee/server/page/ledger.js";
import * as pcm from "../../src/repartee/server/page/pcm.js";
import { Ring } from "../../src/repartee/server/page/ring.js";

const ramp = (length, from = 1) => Float32Array.from({ length }, (_, i) => from + i);
const tone = (hz, rateHz, length) =>
  Float32Array.from({ length }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hz * i) / rateHz));

function played(ring, length) {
  const out = new Float32Array(length);
  ring.read(out);
  return [...out];
}

describe("PCM", () => {
  test("base64 of 16-bit little-endian samples becomes floats", () => {
    const bytes = pcm.bytesOf(Buffer.from([0, 0, 0, 64, 0, 128, 255, 127]).toString("base64"));
    assert.deepEqual([...pcm.floatsOf(bytes)], [0, 0.5, -1, 32767 / 32768].map(Math.fround));
  });

  test("half a sample at the end is left out", () => {
    assert.equal(pcm.floatsOf(new Uint8Array(5)).length, 2);
  });

  test("what is not base64 is refused", () => {
    assert.throws(() => pcm.bytesOf("not base64!"));
  });

  test("every 16-bit value survives the way to floats and back", () => {
    const all = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768);
    const back = pcm.int16Of(pcm.floatsOf(new Uint8Array(all.buffer)));
    assert.deepEqual(back, all);
  });

  test("what is too loud is clipped, not wrapped", () => {
    assert.deepEqual([...pcm.int16Of([1.5, -1.5])], [32_767, -32_768]);
  });

  test("loudness is zero in silence and 0.354 for a tone at half scale", () => {
    assert.equal(pcm.loudness(new Float32Array(320)), 0);
    assert.ok(Math.abs(pcm.loudness(tone(500, 16_000, 320)) - 0.3536) < 0.001);
  });
});

describe("frames", () => {
  test("are cut to one size from pieces of any", () => {
    const framer = new pcm.Framer(320);
    const sizes = [128, 128, 128, 1, 900];
    const frames = [];
    let from = 1;
    for (const size of sizes) {
      frames.push(...framer.push(ramp(size, from)));
      from += size;
    }
    assert.equal(frames.length, 4);
    assert.deepEqual(
      frames.flatMap((frame) => [...frame]),
      [...ramp(1280)],
    );
  });
});

describe("another rate", () => {
  const resample = (resampler, input, piece) => {
    const output = [];
    for (let i = 0; i < input.length; i += piece) {
      output.push(...resampler.push(input.subarray(i, i + piece)));
    }
    return Float32Array.from(output);
  };

  /** Signal to error in dB against the very same tone at the new rate. */
  const quality = (output, hz, toHz) => {
    const wanted = tone(hz, toHz, output.length);
    const inner = [...output.keys()].slice(100);
    const power = (of) => inner.reduce((sum, i) => sum + of(i) ** 2, 0);
    return 10 * Math.log10(power((i) => wanted[i]) / power((i) => output[i] - wanted[i]));
  };

  for (const [fromHz, toHz] of [
    [48_000, 16_000],
    [44_100, 16_000],
    [24_000, 48_000],
    [24_000, 22_050],
  ]) {
    test(`${fromHz} to ${toHz} Hz keeps a tone in its place, to 50 dB`, () => {
      const output = resample(new pcm.Resampler(fromHz, toHz), tone(1_000, fromHz, fromHz), 128);
      assert.ok(Math.abs(output.length - toHz) < 60, `${output.length} samples of ${toHz}`);
      assert.ok(quality(output, 1_000, toHz) > 50, `${quality(output, 1_000, toHz)} dB`);
    });
  }

  test("the size of the pieces makes no difference", () => {
    const input = tone(440, 44_100, 4_410);
    const small = resample(new pcm.Resampler(44_100, 16_000), input, 128);
    const large = resample(new pcm.Resampler(44_100, 16_000), input, 4_410);
    assert.deepEqual(small, large);
  });

  test("what the lower rate can't hold is filtered out instead of folded back", () => {
    const output = resample(new pcm.Resampler(48_000, 16_000), tone(11_000, 48_000, 48_000), 128);
    assert.ok(pcm.loudness(output.subarray(100)) < 0.002);
  });

  test("the same rate passes through untouched", () => {
    const input = ramp(128);
    assert.equal(new pcm.Resampler(16_000, 16_000).push(input), input);
  });
});

describe("the ring", () => {
  test("plays what was written, then silence, and counts only what it played", () => {
    const ring = new Ring({ capacity: 8 });
    ring.write(ramp(3));
    assert.deepEqual(played(ring, 5), [1, 2, 3, 0, 0]);
    assert.equal(ring.played, 3);
    assert.equal(ring.waiting, 0);
  });

  test("goes round without losing or doubling a sample", () => {
    const ring = new Ring({ capacity: 7 });
    const out = [];
    for (let i = 0; i < 40; i += 1) {
      ring.write(ramp(5, 1 + 5 * i));
      out.push(...played(ring, 5));
    }
    assert.deepEqual(out, [...ramp(200)]);
  });

  test("grows to its limit, keeps the order, and refuses the rest", () => {
    const ring = new Ring({ capacity: 4, limit: 10 });
    ring.write(ramp(3));
    played(ring, 2);
    assert.equal(ring.write(ramp(6, 4)), 0);
    assert.equal(ring.write(ramp(6, 10)), 3);
    assert.equal(ring.waiting, 10);
    assert.deepEqual(played(ring, 10), [...ramp(10, 3)]);
  });

  test("gathers a little before it plays, and again after it ran dry", () => {
    const ring = new Ring({ capacity: 64, gather: 8 });
    ring.write(ramp(4));
    assert.deepEqual(played(ring, 2), [0, 0]);
    ring.write(ramp(4, 5));
    assert.deepEqual(played(ring, 10), [...ramp(8), 0, 0]);
    ring.write(ramp(4));
    assert.deepEqual(played(ring, 2), [0, 0]);
  });

  test("plays a sound too short to be gathered after as long a wait", () => {
    const ring = new Ring({ capacity: 64, gather: 8 });
    ring.write(ramp(3));
    assert.deepEqual(played(ring, 4), [0, 0, 0, 0]);
    assert.deepEqual(played(ring, 4), [0, 0, 0, 0]);
    assert.deepEqual(played(ring, 4), [1, 2, 3, 0]);
  });

  test("a flush forgets what waits, says how much was played, and counts anew", () => {
    const ring = new Ring({ capacity: 64 });
    ring.write(ramp(50));
    played(ring, 20);
    assert.equal(ring.flush(), 20);
    assert.deepEqual([ring.waiting, ring.played], [0, 0]);
    assert.deepEqual(played(ring, 4), [0, 0, 0, 0]);
    ring.write(ramp(2));
    assert.deepEqual(played(ring, 2), [1, 2]);
  });

  test("a flush ends in a short slope instead of a click", () => {
    const ring = new Ring({ capacity: 64, fade: 4 });
    ring.write(new Float32Array(50).fill(1));
    played(ring, 10);
    ring.flush();
    assert.deepEqual(played(ring, 6), [0.75, 0.5, 0.25, 0, 0, 0]);
  });

  test("new sound may follow the slope at once", () => {
    const ring = new Ring({ capacity: 64, fade: 2 });
    ring.write(new Float32Array(50).fill(1));
    played(ring, 10);
    ring.flush();
    ring.write(ramp(2));
    assert.deepEqual(played(ring, 5), [0.5, 0, 1, 2, 0]);
  });

  test("what had not begun to play is flushed without a sound", () => {
    const ring = new Ring({ capacity: 64, gather: 32, fade: 4 });
    ring.write(ramp(8));
    ring.flush();
    assert.deepEqual(played(ring, 4), [0, 0, 0, 0]);
  });
});

describe("the ledger", () => {
  const ledger = new Ledger();
  ledger.add(1, 100);
  ledger.add(1, 50);
  ledger.endPhrase();
  ledger.add(2, 80);
  ledger.endPhrase();

  test("knows whose sound is heard", () => {
    assert.deepEqual(
      [0, 1, 150, 151, 999].map((at) => ledger.replyAt(at)),
      [0, 1, 1, 2, 2],
    );
  });

  test("knows how much of each reply was heard", () => {
    assert.deepEqual(
      [0, 120, 200, 999].map((at) => ledger.heardOf(1, at)),
      [0, 120, 150, 150],
    );
    assert.deepEqual(
      [0, 120, 200, 999].map((at) => ledger.heardOf(2, at)),
      [0, 0, 50, 80],
    );
  });

  test("counts the phrases that still wait", () => {
    assert.deepEqual(
      [0, 150, 229, 230].map((at) => ledger.phrasesWaiting(at)),
      [2, 1, 1, 0],
    );
  });
});
