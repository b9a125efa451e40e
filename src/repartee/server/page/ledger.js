// Whose sound is it? The ring counts samples; the ledger knows which reply they belong to.

/** Stretches of samples in the order in which they were handed over, each with its reply. */
export class Ledger {
  #stretches = [];
  #phraseEnds = [];
  #end = 0;

  add(reply, samples) {
    const last = this.#stretches.at(-1);
    if (last?.reply === reply) last.to += samples;
    else this.#stretches.push({ reply, from: this.#end, to: this.#end + samples });
    this.#end += samples;
  }

  /** Notes that a phrase of its own ends here. */
  endPhrase() {
    this.#phraseEnds.push(this.#end);
  }

  /** How many phrases are not yet played to their end. */
  phrasesWaiting(played) {
    return this.#phraseEnds.filter((end) => end > played).length;
  }

  /** The reply that is heard when so many samples have been played; 0 before the first sound. */
  replyAt(played) {
    return this.#stretches.findLast(({ from }) => from < played)?.reply ?? 0;
  }

  /** How many samples of a reply have been played. */
  heardOf(reply, played) {
    const mine = this.#stretches.filter((stretch) => stretch.reply === reply);
    return mine.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to, played) - from), 0);
  }
}
