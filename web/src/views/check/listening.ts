// What a recording tells about a microphone.

export const FRAME_MS = 20;
const FLOOR_SHARE = 0.1;
const QUIETEST_DB = -96;

export interface Heard {
  /** The loudest frame, and what is there when nobody speaks, in dB below the loudest possible. */
  peakDb: number;
  floorDb: number;
  verdict: "silent" | "quiet" | "loud" | "noisy" | "good";
}

/** From the loudness (RMS, 0 to 1) of every frame. */
export function judged(levels: readonly number[]): Heard {
  const sorted = [...levels].sort((a, b) => a - b);
  const peakDb = decibels(sorted.at(-1) ?? 0);
  const floorDb = decibels(sorted[Math.floor(sorted.length * FLOOR_SHARE)] ?? 0);
  return { peakDb, floorDb, verdict: verdictOf(peakDb, floorDb) };
}

function verdictOf(peakDb: number, floorDb: number): Heard["verdict"] {
  if (peakDb <= QUIETEST_DB) return "silent";
  if (peakDb < -45) return "quiet";
  if (peakDb > -3) return "loud";
  return peakDb - floorDb < 12 ? "noisy" : "good";
}

function decibels(rms: number): number {
  return rms > 0 ? Math.max(QUIETEST_DB, Math.round(20 * Math.log10(rms))) : QUIETEST_DB;
}
