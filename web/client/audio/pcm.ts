// Samples in the forms they take on their way: 16-bit PCM, floats, frames, loudness.

/** 16-bit little-endian PCM as floats; half a sample at the end is left out. */
export function floatsOf(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const floats = new Float32Array(bytes.byteLength >> 1);
  for (let i = 0; i < floats.length; i += 1) floats[i] = view.getInt16(2 * i, true) / 32768;
  return floats;
}

/** Floats as 16-bit samples; what is too loud is clipped. */
export function int16Of(floats: Float32Array): Int16Array<ArrayBuffer> {
  const samples = new Int16Array(floats.length);
  for (let i = 0; i < floats.length; i += 1) {
    samples[i] = Math.max(-32768, Math.min(32767, Math.round((floats[i] ?? 0) * 32768)));
  }
  return samples;
}

/** Root mean square: 0 for silence, 0.7 for a full-scale tone. */
export function loudness(floats: Float32Array): number {
  let sum = 0;
  for (const sample of floats) sum += sample * sample;
  return floats.length ? Math.sqrt(sum / floats.length) : 0;
}

const QUIETEST_DB = -55;
const LOUDEST_DB = -10;

/** Loudness as the ear takes it, in decibels: 0 for a quiet room, 1 for a loud voice. */
export function levelOf(rms: number): number {
  const decibels = 20 * Math.log10(Math.max(rms, 1e-6));
  return Math.max(0, Math.min(1, (decibels - QUIETEST_DB) / (LOUDEST_DB - QUIETEST_DB)));
}

/** Cuts a stream of floats into frames of one size. */
export class Framer {
  #frame: Float32Array<ArrayBuffer>;
  #filled = 0;

  constructor(size: number) {
    this.#frame = new Float32Array(size);
  }

  /** Takes the next samples; gives the frames that became full, each an array of its own. */
  push(floats: Float32Array): Float32Array<ArrayBuffer>[] {
    const frames = [];
    let taken = 0;
    while (taken < floats.length) {
      const some = floats.subarray(taken, taken + this.#frame.length - this.#filled);
      this.#frame.set(some, this.#filled);
      this.#filled += some.length;
      taken += some.length;
      if (this.#filled === this.#frame.length) {
        frames.push(this.#frame.slice());
        this.#filled = 0;
      }
    }
    return frames;
  }
}
