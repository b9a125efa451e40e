// A reply that was cut off: what of it was heard, and what never was.

/**
 * Splits a written reply at the last word that was heard. The two may differ in spaces and marks
 * (what is spoken is not spelled like what is written), so words are counted, not letters.
 */
export function splitHeard(written, heard) {
  if (written.startsWith(heard)) return [heard, written.slice(heard.length)];
  const count = wordsIn(heard);
  const words = written.matchAll(/[^\s]*[\p{L}\p{N}][^\s]*/gu);
  let end = 0;
  let seen = 0;
  for (const word of words) {
    if (seen === count) break;
    seen += 1;
    end = word.index + word[0].length;
  }
  return [written.slice(0, end), written.slice(end)];
}

const wordsIn = (text) => text.match(/[^\s]*[\p{L}\p{N}][^\s]*/gu)?.length ?? 0;
