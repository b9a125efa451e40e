// Whose sound is it? The ring counts samples; the ledger knows which reply they belong to.

interface Stretch {
  reply: number;
  from: number;
  to: number;
}

const STRETCHES_KEPT = 16; // older replies were played long ago; calls last for hours

/** Stretches of samples in the order in which they were handed over. */
export class Ledger {
  #stretches: Stretch[] = [];
  #phraseEnds: number[] = [];
  #end = 0;

  /** All samples that were handed over. */
  get end(): number {
    return this.#end;
  }

  /** Gives how many samples of this reply had been handed over before. */
  add(reply: number, samples: number): number {
    const before = this.#lengthOf(reply, this.#end);
    const last = this.#stretches.at(-1);
    if (last?.reply === reply) last.to += samples;
    else this.#stretches.push({ reply, from: this.#end, to: this.#end + samples });
    if (this.#stretches.length > STRETCHES_KEPT) this.#stretches.shift();
    this.#end += samples;
    return before;
  }

  /** Notes that a phrase of its own ends here. */
  endPhrase(): void {
    this.#phraseEnds.push(this.#end);
  }

  /** How many phrases are not yet played to their end. */
  phrasesWaiting(played: number): number {
    this.#phraseEnds = this.#phraseEnds.filter((end) => end > played);
    return this.#phraseEnds.length;
  }

  /** The reply that is heard when so many samples have been played; 0 before the first sound. */
  replyAt(played: number): number {
    return this.#stretches.findLast(({ from }) => from < played)?.reply ?? 0;
  }

  /** How many samples of a reply have been played. */
  heardOf(reply: number, played: number): number {
    return this.#lengthOf(reply, played);
  }

  #lengthOf(reply: number, until: number): number {
    const mine = this.#stretches.filter((stretch) => stretch.reply === reply);
    return mine.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to, until) - from), 0);
  }
}
