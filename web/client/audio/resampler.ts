// Any rate to any other, piece by piece and without seams: a windowed-sinc filter.

const ZERO_CROSSINGS = 16;
const STEPS_PER_SAMPLE = 256;
const PASSBAND = 0.94; // of half the lower rate; the rest is room for the filter to fall

export class Resampler {
  #step: number;
  #reach: number; // input samples that the filter looks at on either side
  #kernel: Float32Array;
  #held: Float32Array; // input that later output still needs
  #at: number; // where the next output sample lies in what is held

  constructor(fromHz: number, toHz: number) {
    this.#step = fromHz / toHz;
    const cutoff = PASSBAND * Math.min(1, toHz / fromHz);
    this.#reach = Math.ceil(ZERO_CROSSINGS / cutoff);
    this.#kernel = kernelOf(cutoff, this.#reach);
    this.#held = new Float32Array(this.#reach);
    this.#at = this.#reach;
  }

  /** Takes the next samples; gives what can be said of the other rate by now. */
  push(floats: Float32Array): Float32Array {
    if (this.#step === 1) return floats;
    const input = new Float32Array(this.#held.length + floats.length);
    input.set(this.#held);
    input.set(floats, this.#held.length);
    const count = Math.max(0, Math.ceil((input.length - this.#reach - this.#at) / this.#step));
    const output = new Float32Array(count);
    for (let i = 0; i < count; i += 1) output[i] = this.#sampleAt(input, this.#at + i * this.#step);
    this.#at += count * this.#step;
    const done = Math.max(0, Math.floor(this.#at) - this.#reach);
    this.#held = input.slice(done);
    this.#at -= done;
    return output;
  }

  /** The rest, which waited for input that never comes. A new stream begins after it. */
  finish(): Float32Array {
    const rest = this.push(new Float32Array(this.#step === 1 ? 0 : this.#reach));
    this.#held = new Float32Array(this.#reach);
    this.#at = this.#reach;
    return rest;
  }

  #sampleAt(input: Float32Array, at: number): number {
    let sum = 0;
    const last = Math.min(input.length - 1, Math.floor(at) + this.#reach);
    for (let i = Math.max(0, Math.ceil(at) - this.#reach); i <= last; i += 1) {
      const tap = this.#kernel[Math.round(Math.abs(at - i) * STEPS_PER_SAMPLE)] ?? 0;
      sum += (input[i] ?? 0) * tap;
    }
    return sum;
  }
}

/** One half of a low-pass kernel (it is symmetric), finely sampled; its last entry is zero. */
function kernelOf(cutoff: number, reach: number): Float32Array {
  const kernel = new Float32Array((reach + 1) * STEPS_PER_SAMPLE + 1);
  for (let i = 0; i < reach * STEPS_PER_SAMPLE; i += 1) {
    const x = i / STEPS_PER_SAMPLE;
    const angle = Math.PI * cutoff * x;
    const sinc = angle === 0 ? 1 : Math.sin(angle) / angle;
    const window = 0.5 + 0.5 * Math.cos((Math.PI * x) / reach);
    kernel[i] = cutoff * sinc * window;
  }
  return kernel;
}
