// How long a listener waited, by the page's own clock.

import type { ReplyItem } from "./state.ts";

/** From the end of the question to the first sound that was heard, or null. */
export function gapMs({ moments }: ReplyItem): number | null {
  const zero = moments.voiceEnded ?? moments.asked;
  return zero === null || moments.firstHeard === null ? null : moments.firstHeard - zero;
}
