// What the page and its two audio worklets tell each other.

export interface CaptureOptions {
  rateHz: number;
  frameSamples: number;
}

export interface Captured {
  pcm: ArrayBuffer;
  rms: number;
}

export interface PlaybackOptions {
  gather: number;
}

/** Sound to play, or without samples: stop now, and begin this generation. */
export interface PlaybackOrder {
  generation: number;
  samples?: Float32Array;
}

/** How far a generation has come; `flushed` is the last word about one that was stopped. */
export interface PlaybackReport {
  generation: number;
  played: number;
  waiting: number;
  /** Samples that had come when this was written, wherever they went: more may be on their way. */
  received: number;
  flushed?: true;
}
