// Samples in all the forms they take on their way: base64, 16-bit PCM, floats, frames, other rates.
// Pure, so that the page, both worklets and the tests share one copy.

/** The bytes written in base64; throws on anything that is not base64. */
export function bytesOf(base64) {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** 16-bit little-endian PCM as floats; half a sample at the end is left out. */
export function floatsOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const floats = new Float32Array(bytes.byteLength >> 1);
  for (let i = 0; i < floats.length; i += 1) floats[i] = view.getInt16(2 * i, true) / 32768;
  return floats;
}

/** Floats as 16-bit samples; what is too loud is clipped. */
export function int16Of(floats) {
  const samples = new Int16Array(floats.length);
  for (let i = 0; i < floats.length; i += 1) {
    samples[i] = Math.max(-32768, Math.min(32767, Math.round(floats[i] * 32768)));
  }
  return samples;
}

/** How loud it is, as root mean square: 0 for silence, 0.7 for a full-scale tone. */
export function loudness(floats) {
  let sum = 0;
  for (let i = 0; i < floats.length; i += 1) sum += floats[i] * floats[i];
  return floats.length ? Math.sqrt(sum / floats.length) : 0;
}

/** Cuts a stream of floats into frames of one size. */
export class Framer {
  #frame;
  #filled = 0;

  constructor(size) {
    this.#frame = new Float32Array(size);
  }

  /** Takes the next samples; gives the frames that became full, each an array of its own. */
  push(floats) {
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

const ZERO_CROSSINGS = 16;
const STEPS_PER_SAMPLE = 256;
const PASSBAND = 0.94; // of half the lower rate; the rest is room for the filter to fall

/** Changes the rate of a stream with a windowed-sinc filter, piece by piece and without seams. */
export class Resampler {
  #step;
  #reach; // input samples the filter looks at on either side
  #kernel;
  #held; // input that later output still needs
  #at; // where the next output sample lies in what is held

  constructor(fromHz, toHz) {
    this.#step = fromHz / toHz;
    const cutoff = PASSBAND * Math.min(1, toHz / fromHz);
    this.#reach = Math.ceil(ZERO_CROSSINGS / cutoff);
    this.#kernel = kernelOf(cutoff, this.#reach);
    this.#held = new Float32Array(this.#reach);
    this.#at = this.#reach;
  }

  /** Takes the next samples; gives what can be said of the other rate by now. */
  push(floats) {
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

  #sampleAt(input, at) {
    let sum = 0;
    const last = Math.min(input.length - 1, Math.floor(at) + this.#reach);
    for (let i = Math.max(0, Math.ceil(at) - this.#reach); i <= last; i += 1) {
      sum += input[i] * this.#kernel[Math.round(Math.abs(at - i) * STEPS_PER_SAMPLE)];
    }
    return sum;
  }
}

/** One half of a low-pass kernel (it is symmetric), finely sampled; its last entry is zero. */
function kernelOf(cutoff, reach) {
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
