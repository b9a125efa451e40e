// What an analyser hears, as the heights of bars.

/** Voices live in the lower part of the spectrum; what lies above is always near zero. */
export const USED_SHARE = 0.6;
/** Low bins carry most of a voice; the curve gives them more of the room. */
const CURVE = 1.7;
const SPREAD = 255;

/** The lower 60 % of the bins (0 to 255 each), from `lowest` up, as `count` bars of 0 to 1. */
export function barsOf(bins: Uint8Array, count: number, lowest: number): number[] {
  const used = Math.floor(bins.length * USED_SHARE) - 1;
  const placeOf = (bar: number) => lowest + (used - lowest) * (bar / count) ** CURVE;
  return Array.from({ length: count }, (_, bar) => {
    const [from, to] = [placeOf(bar), placeOf(bar + 1)];
    let loudest = between(bins, from);
    for (let bin = Math.ceil(from); bin < to; bin += 1) loudest = Math.max(loudest, bins[bin] ?? 0);
    return loudest / SPREAD;
  });
}

function between(bins: Uint8Array, place: number): number {
  const [low, high] = [bins[Math.floor(place)] ?? 0, bins[Math.ceil(place)] ?? 0];
  return low + (high - low) * (place - Math.floor(place));
}

/** Up at once, down gently: each bar on its way from what it was to what it should be. */
export function settled(
  before: readonly number[],
  wanted: readonly number[],
  fall: number,
): number[] {
  return wanted.map((height, bar) => Math.max(height, (before[bar] ?? 0) * fall));
}
