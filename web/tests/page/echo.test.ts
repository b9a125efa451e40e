// What comes back from the loudspeaker through the microphone, and what is left of it.

import { describe, expect, test } from "vitest";
import { echoOf, notesIn, toneIn } from "../../src/views/check/echo.ts";

const RATE_HZ = 16_000;
const NOTES = [392, 494, 587];

function tone(hz: number, seconds: number, amplitude: number): Int16Array {
  const length = Math.round(RATE_HZ * seconds);
  return Int16Array.from(
    { length },
    (_, i) => 32_767 * amplitude * Math.sin((2 * Math.PI * hz * i) / RATE_HZ),
  );
}

function framesOf(sound: Int16Array): Int16Array[] {
  const count = Math.floor(sound.length / 320);
  return Array.from({ length: count }, (_, i) => sound.subarray(i * 320, (i + 1) * 320));
}

describe("a note in what was heard", () => {
  test("is as loud as it was played", () => {
    expect(toneIn(tone(494, 0.06, 0.25), 494, RATE_HZ)).toBeCloseTo(0.25, 2);
  });

  test("is not found where another sound is", () => {
    expect(toneIn(tone(2_000, 0.06, 0.25), 494, RATE_HZ)).toBeLessThan(0.005);
  });

  test("counts though it is there for a moment only", () => {
    const frames = [...framesOf(new Int16Array(16_000)), ...framesOf(tone(587, 0.3, 0.1))];
    expect(notesIn(frames, NOTES, RATE_HZ)).toBe(-20);
  });

  test("is nowhere in silence, nor where nothing was heard at all", () => {
    expect(notesIn(framesOf(new Int16Array(16_000)), NOTES, RATE_HZ)).toBe(-96);
    expect(notesIn([], NOTES, RATE_HZ)).toBe(-96);
  });
});

describe("an echo", () => {
  const [quiet, loud] = [-70, -30];

  test("that nobody hears is none", () => {
    const heard = { before: quiet, during: quiet + 3 };
    expect(echoOf(heard, heard).verdict).toBe("unheard");
  });

  test("that the browser takes away does no harm", () => {
    const left = { before: quiet, during: quiet + 2 };
    expect(echoOf({ before: quiet, during: loud }, left).verdict).toBe("cancelled");
  });

  test("that is only made much quieter does none either", () => {
    const left = { before: quiet, during: loud - 25 };
    expect(echoOf({ before: quiet, during: loud }, left).verdict).toBe("cancelled");
  });

  test("that is left as it was makes the assistant hear itself", () => {
    const left = { before: quiet, during: loud - 6 };
    expect(echoOf({ before: quiet, during: loud }, left)).toEqual({
      rawDb: loud,
      leftDb: loud - 6,
      verdict: "leaks",
    });
  });
});
