// A phone that goes to sleep ends the talk, so its screen is kept on while somebody talks.

export class WakeLock {
  #isWanted = false;
  #lock: WakeLockSentinel | null = null;

  set isWanted(wanted: boolean) {
    this.#isWanted = wanted;
    if (wanted) void this.renew();
    else void this.#lock?.release();
  }

  /** The lock is lost whenever the page is hidden; call this when it is seen again. */
  async renew(): Promise<void> {
    if (!this.#isWanted || document.visibilityState !== "visible") return;
    if (this.#lock !== null && !this.#lock.released) return;
    try {
      this.#lock = (await navigator.wakeLock?.request("screen")) ?? null;
      if (!this.#isWanted) await this.#lock?.release();
    } catch {
      // Battery saving may refuse; the talk goes on for as long as the screen does.
    }
  }
}
