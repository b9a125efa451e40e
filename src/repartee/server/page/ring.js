// What waits to be played. A plain class: the playback worklet reads it, the tests read it too.

/** A ring of samples that grows up to a limit and counts what was really played. */
export class Ring {
  #samples;
  #limit;
  #gather;
  #fadeSamples;
  #start = 0;
  #waiting = 0;
  #played = 0;
  #flowing = false;
  #heldBack = 0;
  #fading = new Float32Array(0);

  /**
   * capacity: room at first, in samples; limit: room at most; gather: how many samples must wait
   * before playing begins; fade: length of the slope that keeps a flush from clicking.
   */
  constructor({ capacity, limit = capacity, gather = 0, fade = 0 }) {
    this.#samples = new Float32Array(capacity);
    this.#limit = limit;
    this.#gather = gather;
    this.#fadeSamples = fade;
  }

  get waiting() {
    return this.#waiting;
  }

  /** Samples played since the beginning or the last flush; silence in between doesn't count. */
  get played() {
    return this.#played;
  }

  /** Takes what fits; gives the number of samples that were refused. */
  write(samples) {
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
  read(out) {
    out.fill(0);
    const room = this.#fadeInto(out);
    if (!this.#mayFlow(out.length)) return 0;
    const count = this.#take(room);
    if (count < room.length) this.#holdBack();
    this.#played += count;
    return count;
  }

  /** Forgets what waits; gives what had been played. What is read next fades out quickly. */
  flush() {
    const played = this.#played;
    this.#fading = new Float32Array(this.#flowing ? Math.min(this.#fadeSamples, this.#waiting) : 0);
    this.#take(this.#fading);
    const length = this.#fading.length;
    for (let i = 0; i < length; i += 1) this.#fading[i] *= 1 - (i + 1) / length;
    this.#start = this.#waiting = this.#played = 0;
    this.#holdBack();
    return played;
  }

  #take(out) {
    const count = Math.min(this.#waiting, out.length);
    const first = Math.min(count, this.#samples.length - this.#start);
    out.set(this.#samples.subarray(this.#start, this.#start + first));
    out.set(this.#samples.subarray(0, count - first), first);
    this.#start = (this.#start + count) % this.#samples.length;
    this.#waiting -= count;
    return count;
  }

  #fadeInto(out) {
    const some = this.#fading.subarray(0, out.length);
    out.set(some);
    this.#fading = this.#fading.subarray(some.length);
    return out.subarray(some.length);
  }

  #holdBack() {
    this.#flowing = false;
    this.#heldBack = 0;
  }

  /** A little must be gathered first, but sound too short for that is not held back for ever. */
  #mayFlow(step) {
    if (this.#flowing || this.#waiting === 0) return this.#flowing;
    this.#flowing = this.#waiting >= this.#gather || this.#heldBack >= this.#gather;
    this.#heldBack += step;
    return this.#flowing;
  }

  #makeRoom(wanted) {
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
