// The talk key: what is said while it is held is one turn, answered at once. A press that is too
// short for a word was a slip; nobody is told of it.

const SHORTEST_MS = 200;

export interface TalkLine {
  /** The turn that is held begins, or ends, after all sound that was given so far. */
  begin(): void;
  end(): void;
  sound(pcm: ArrayBuffer): void;
}

export class TalkKey {
  #line: TalkLine;
  #waiting: ArrayBuffer[] | null = null; // sound since the press, while that may still be a slip
  #timer: ReturnType<typeof setTimeout> | undefined;
  #holdsTurn = false;

  constructor(line: TalkLine) {
    this.#line = line;
  }

  /** Whether the server was told of a turn that has not ended. */
  get holdsTurn(): boolean {
    return this.#holdsTurn;
  }

  press(): void {
    this.#waiting = [];
    this.#timer = setTimeout(() => this.#begin(), SHORTEST_MS);
  }

  /** What was heard during a slip goes on its way only where all is listened to anyway. */
  release(isListenedTo: boolean): void {
    clearTimeout(this.#timer);
    const slipped = this.#waiting ?? [];
    this.#waiting = null;
    if (isListenedTo) for (const pcm of slipped) this.#line.sound(pcm);
    if (this.#holdsTurn) this.#line.end();
    this.#holdsTurn = false;
  }

  take(pcm: ArrayBuffer): void {
    if (this.#waiting === null) this.#line.sound(pcm);
    else this.#waiting.push(pcm);
  }

  #begin(): void {
    const said = this.#waiting ?? [];
    this.#waiting = null;
    this.#holdsTurn = true;
    this.#line.begin();
    for (const pcm of said) this.#line.sound(pcm);
  }
}
