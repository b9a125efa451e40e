// The samples of a WAV file. Only what servers send as speech: PCM16, any rate; channels are mixed.

import { floatsOf } from "./pcm.ts";

export interface Sound {
  rateHz: number;
  samples: Float32Array;
}

const PCM = 1;
const CHUNK_HEADER = 8;

/** Null for anything that is not such a file; a length that promises too much is cut short. */
export function readWav(bytes: Uint8Array): Sound | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || nameAt(bytes, 0) !== "RIFF" || nameAt(bytes, 8) !== "WAVE") return null;
  let format: { channels: number; rateHz: number } | null = null;
  for (let at = 12; at + CHUNK_HEADER <= bytes.length; ) {
    const size = view.getUint32(at + 4, true);
    const body = at + CHUNK_HEADER;
    if (nameAt(bytes, at) === "fmt " && body + 16 <= bytes.length) {
      const isPcm16 = view.getUint16(body, true) === PCM && view.getUint16(body + 14, true) === 16;
      const channels = view.getUint16(body + 2, true);
      const rateHz = view.getUint32(body + 4, true);
      if (!isPcm16 || channels < 1 || channels > 8 || rateHz < 4_000 || rateHz > 192_000)
        return null;
      format = { channels, rateHz };
    }
    if (nameAt(bytes, at) === "data") {
      if (format === null) return null;
      const samples = floatsOf(bytes.subarray(body, Math.min(bytes.length, body + size)));
      return { rateHz: format.rateHz, samples: mixed(samples, format.channels) };
    }
    at = body + size + (size % 2); // chunks are padded to an even length
  }
  return null;
}

function mixed(samples: Float32Array, channels: number): Float32Array {
  if (channels === 1) return samples;
  const mono = new Float32Array(Math.floor(samples.length / channels));
  for (let i = 0; i < mono.length; i += 1) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1)
      sum += samples[i * channels + channel] ?? 0;
    mono[i] = sum / channels;
  }
  return mono;
}

const nameAt = (bytes: Uint8Array, at: number) =>
  String.fromCharCode(...bytes.subarray(at, at + 4));
