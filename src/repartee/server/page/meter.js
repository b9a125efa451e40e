// How loud it is, on either side of the talk, as a number the style sheet draws.

const QUIETEST_DB = -55;
const LOUDEST_DB = -10;
const FALL_PER_FRAME = 0.88; // up at once, down gently
const CALM_EVERY_MS = 250;
const CALM_STEPS = 5;

/** 0 to 1 as the ear takes it: in decibels. */
export function shareOf(level) {
  const decibels = 20 * Math.log10(Math.max(level, 1e-6));
  return Math.max(0, Math.min(1, (decibels - QUIETEST_DB) / (LOUDEST_DB - QUIETEST_DB)));
}

export class Meter {
  #where;
  #levels = { microphone: 0, speaker: 0 };
  #shown = 0;
  #drawnAt = 0;
  #frame = 0;
  #calm = matchMedia("(prefers-reduced-motion: reduce)");

  /** Sets the custom property `--level` of this element. */
  constructor(where) {
    this.#where = where;
  }

  show(side, level) {
    this.#levels[side] = level;
    this.#frame ||= requestAnimationFrame((now) => this.#step(now));
  }

  #step(now) {
    const { microphone, speaker } = this.#levels;
    const share = shareOf(Math.max(microphone, speaker));
    this.#shown = Math.max(share, this.#shown * FALL_PER_FRAME);
    if (this.#shown < 0.01) this.#shown = 0;
    this.#frame = this.#shown > share ? requestAnimationFrame((later) => this.#step(later)) : 0;
    this.#draw(now);
  }

  /** Who asked for less motion gets a few steps, and seldom. */
  #draw(now) {
    const calm = this.#calm.matches;
    if (calm && this.#shown > 0 && now - this.#drawnAt < CALM_EVERY_MS) return;
    this.#drawnAt = now;
    const level = calm ? Math.round(this.#shown * CALM_STEPS) / CALM_STEPS : this.#shown;
    this.#where.style.setProperty("--level", level.toFixed(3));
  }
}
