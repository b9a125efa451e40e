// WAV files, also of kinds that nobody should send.

import { int16Of } from "../../client/audio/pcm.ts";

export function wavOf(
  samples: Float32Array,
  { channels = 1, bits = 16, format = 1, extra = 0 } = {},
): Uint8Array {
  const data = int16Of(samples);
  const bytes = new Uint8Array(44 + extra + data.byteLength);
  const view = new DataView(bytes.buffer);
  const name = (at: number, text: string) => bytes.set(new TextEncoder().encode(text), at);
  name(0, "RIFF");
  name(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, format, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, 24_000, true);
  view.setUint16(34, bits, true);
  if (extra) {
    name(36, "LIST");
    view.setUint32(40, extra - 8, true);
  }
  name(36 + extra, "data");
  view.setUint32(40 + extra, data.byteLength, true);
  bytes.set(new Uint8Array(data.buffer), 44 + extra);
  return bytes;
}
