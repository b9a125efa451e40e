// Runs on the audio thread: plays the ring and says how far it has come.
//
// Every flush begins a new generation. Sound of an older one is dropped here, and what is reported
// carries its generation, so that neither side mistakes old news for new.

import type { PlaybackOptions, PlaybackOrder, PlaybackReport } from "./messages.ts";
import { Ring } from "./ring.ts";

const SECONDS_AT_FIRST = 10;
const SECONDS_AT_MOST = 300;
const FADE_SECONDS = 0.005;
const REPORT_SECONDS = 0.04;

class Playback extends AudioWorkletProcessor {
  #generation = 0;
  #unreported = 0;
  #received = 0;
  #ring: Ring;

  constructor({ processorOptions }: { processorOptions: PlaybackOptions }) {
    super();
    const { gather } = processorOptions;
    this.#ring = new Ring({
      capacity: SECONDS_AT_FIRST * sampleRate,
      limit: SECONDS_AT_MOST * sampleRate,
      gather,
      fade: Math.round(FADE_SECONDS * sampleRate),
    });
    this.port.onmessage = ({ data }: MessageEvent<PlaybackOrder>) => this.#obey(data);
  }

  #obey({ generation, samples }: PlaybackOrder): void {
    if (samples !== undefined) {
      if (generation !== this.#generation) return;
      this.#ring.write(samples);
      this.#received += samples.length;
      return;
    }
    const played = this.#ring.flush();
    const received = this.#received;
    this.#tell({ generation: this.#generation, played, waiting: 0, received, flushed: true });
    this.#generation = generation;
    this.#received = 0;
  }

  process(_inputs: Float32Array[][], [output]: Float32Array[][]): boolean {
    const [first, ...others] = output ?? [];
    if (first === undefined) return true;
    const count = this.#ring.read(first);
    for (const other of others) other.set(first);
    this.#unreported += count;
    const ranDry = this.#unreported > 0 && this.#ring.waiting === 0;
    if (ranDry || this.#unreported >= REPORT_SECONDS * sampleRate) this.#report();
    return true;
  }

  #report(): void {
    this.#unreported = 0;
    const { played, waiting } = this.#ring;
    this.#tell({ generation: this.#generation, played, waiting, received: this.#received });
  }

  #tell(report: PlaybackReport): void {
    this.port.postMessage(report);
  }
}

registerProcessor("repartee-playback", Playback);
