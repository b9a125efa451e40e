// What waits to be played. A plain class: the playback worklet reads it, and so do the tests.

export interface RingOptions {
  /** Room at first and room at most, in samples. */
  capacity: number;
  limit: number;
  /** So many samples must wait before playing begins. */
  gather: number;
  /** The length of the slope that keeps a stop, a gap and a new beginning from clicking. */
  fade: number;
}

/** A ring of samples that grows up to a limit and counts what was really played. */
export class Ring {
  #samples: Float32Array;
  #limit: number;
  #gather: number;
  #fade: number;
  #start = 0;
  #waiting = 0;
  #played = 0;
  #flowing = false;
  #heldBack = 0;
  #rising = 0; // samples of the slope up that are still to come
  #tail: Float32Array = new Float32Array(0); // a slope down that is still to be played
  #latest: Float32Array; // the newest samples played, for the slope over a gap

  constructor({ capacity, limit, gather, fade }: RingOptions) {
    this.#samples = new Float32Array(capacity);
    this.#limit = limit;
    this.#gather = gather;
    this.#fade = fade;
    this.#latest = new Float32Array(fade);
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Samples played since the beginning or the last flush; silence in between doesn't count. */
  get played(): number {
    return this.#played;
  }

  /** Takes what fits; gives the number of samples that were refused. */
  write(samples: Float32Array): number {
    this.#makeRoom(this.#waiting + samples.length);
    const taken = Math.min(samples.length, this.#samples.length - this.#waiting);
    const end = (this.#start + this.#waiting) % this.#samples.length;
    const first = Math.min(taken, this.#samples.length - end);
    this.#samples.set(samples.subarray(0, first), end);
    this.#samples.set(samples.subarray(first, taken), 0);
    this.#waiting += taken;
    return samples.length - taken;
  }

  /** Fills `out` with the next samples, then silence; gives the number of samples played. */
  read(out: Float32Array): number {
    out.fill(0);
    const room = this.#playTail(out);
    if (!this.#mayFlow(out.length)) return 0;
    const count = this.#take(room);
    this.#rise(room.subarray(0, count));
    this.#remember(room.subarray(0, count));
    if (count < room.length) {
      this.#bridge();
      this.#playTail(room.subarray(count));
    }
    this.#played += count;
    return count;
  }

  /** Forgets what waits; gives what had been played. What is read next fades out quickly. */
  flush(): number {
    const played = this.#played;
    if (this.#flowing) {
      const tail = new Float32Array(Math.min(this.#fade, this.#waiting));
      this.#take(tail);
      this.#tail = fallen(tail);
    }
    this.#start = this.#waiting = this.#played = 0;
    this.#holdBack();
    return played;
  }

  /** Nothing more to play in the middle of a sound: its mirror image fades, where a cut would click. */
  #bridge(): void {
    this.#tail = fallen(this.#latest.slice().reverse());
    this.#holdBack();
  }

  #take(out: Float32Array): number {
    const count = Math.min(this.#waiting, out.length);
    const first = Math.min(count, this.#samples.length - this.#start);
    out.set(this.#samples.subarray(this.#start, this.#start + first));
    out.set(this.#samples.subarray(0, count - first), first);
    this.#start = (this.#start + count) % this.#samples.length;
    this.#waiting -= count;
    return count;
  }

  #playTail(out: Float32Array): Float32Array {
    const some = this.#tail.subarray(0, out.length);
    out.set(some);
    this.#tail = this.#tail.subarray(some.length);
    return out.subarray(some.length);
  }

  #rise(samples: Float32Array): void {
    for (let i = 0; i < samples.length && this.#rising > 0; i += 1, this.#rising -= 1) {
      samples[i] = (samples[i] ?? 0) * (1 - this.#rising / this.#fade);
    }
  }

  #remember(samples: Float32Array): void {
    const some = samples.subarray(Math.max(0, samples.length - this.#fade));
    this.#latest.copyWithin(0, some.length);
    this.#latest.set(some, this.#fade - some.length);
  }

  #holdBack(): void {
    this.#flowing = false;
    this.#heldBack = 0;
    this.#rising = this.#fade;
  }

  /** A little must be gathered first, but sound too short for that is not held back for ever. */
  #mayFlow(step: number): boolean {
    if (this.#flowing || this.#waiting === 0) return this.#flowing;
    this.#flowing = this.#waiting >= this.#gather || this.#heldBack >= this.#gather;
    this.#heldBack += step;
    return this.#flowing;
  }

  #makeRoom(wanted: number): void {
    const size = this.#samples.length;
    if (wanted <= size || size >= this.#limit) return;
    const waiting = this.#waiting;
    const larger = new Float32Array(Math.min(this.#limit, Math.max(wanted, 2 * size)));
    this.#take(larger);
    this.#samples = larger;
    this.#start = 0;
    this.#waiting = waiting;
  }
}

function fallen(samples: Float32Array): Float32Array {
  const { length } = samples;
  for (let i = 0; i < length; i += 1) samples[i] = (samples[i] ?? 0) * (1 - (i + 1) / length);
  return samples;
}
