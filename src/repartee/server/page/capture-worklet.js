// Runs on the audio thread: the microphone's samples become frames of 16-bit PCM.

import { Framer, int16Of, loudness, Resampler } from "./pcm.js";

class Capture extends AudioWorkletProcessor {
  constructor({ processorOptions: { rateHz, frameSamples } }) {
    super();
    // A browser that can't open its input at the wanted rate gives its own: `sampleRate`.
    this.resampler = new Resampler(sampleRate, rateHz);
    this.framer = new Framer(frameSamples);
  }

  process([[channel]]) {
    if (channel === undefined) return true; // no input at the moment
    for (const frame of this.framer.push(this.resampler.push(channel))) {
      const pcm = int16Of(frame).buffer;
      this.port.postMessage({ pcm, level: loudness(frame) }, [pcm]);
    }
    return true;
  }
}

registerProcessor("capture", Capture);
