// Runs on the audio thread: plays the ring and says how far it has come.
//
// Every flush begins a new generation. Sound of an older one is dropped here, and what is reported
// carries its generation, so that neither side mistakes old news for new.

import { loudness } from "./pcm.js";
import { Ring } from "./ring.js";

const SECONDS_AT_FIRST = 10;
const SECONDS_AT_MOST = 300;
const FADE_SECONDS = 0.005;
const REPORT_SECONDS = 0.02;

class Playback extends AudioWorkletProcessor {
  constructor({ processorOptions: { gather } }) {
    super();
    this.generation = 0;
    this.unreported = 0;
    this.ring = new Ring({
      capacity: SECONDS_AT_FIRST * sampleRate,
      limit: SECONDS_AT_MOST * sampleRate,
      gather,
      fade: Math.round(FADE_SECONDS * sampleRate),
    });
    this.port.onmessage = ({ data }) => this.obey(data);
  }

  obey({ generation, samples }) {
    if (samples !== undefined) {
      if (generation === this.generation) this.ring.write(samples);
      return;
    }
    const played = this.ring.flush();
    this.port.postMessage({ flushed: this.generation, played });
    this.generation = generation;
  }

  process(_inputs, [channels]) {
    const [first, ...others] = channels;
    const count = this.ring.read(first);
    for (const other of others) other.set(first);
    this.unreported += count;
    const ranDry = this.unreported > 0 && this.ring.waiting === 0;
    if (ranDry || this.unreported >= REPORT_SECONDS * sampleRate) this.report(first);
    return true;
  }

  report(samples) {
    this.unreported = 0;
    const { generation, ring } = this;
    const { played, waiting } = ring;
    this.port.postMessage({ generation, played, waiting, level: loudness(samples) });
  }
}

registerProcessor("playback", Playback);
