// Runs on the audio thread: the microphone's samples, at whatever rate, become frames of PCM16.

import type { Captured, CaptureOptions } from "./messages.ts";
import { Framer, int16Of, loudness } from "./pcm.ts";
import { Resampler } from "./resampler.ts";

class Capture extends AudioWorkletProcessor {
  #resampler: Resampler;
  #framer: Framer;

  constructor({ processorOptions }: { processorOptions: CaptureOptions }) {
    super();
    const { rateHz, frameSamples } = processorOptions;
    this.#resampler = new Resampler(sampleRate, rateHz);
    this.#framer = new Framer(frameSamples);
  }

  process([input]: Float32Array[][]): boolean {
    const channel = input?.[0];
    if (channel === undefined) return true; // no input at the moment
    for (const frame of this.#framer.push(this.#resampler.push(channel))) {
      const captured: Captured = { pcm: int16Of(frame).buffer, rms: loudness(frame) };
      this.port.postMessage(captured, [captured.pcm]);
    }
    return true;
  }
}

registerProcessor("repartee-capture", Capture);
