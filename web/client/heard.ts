// How far into a written reply its listener has come.

import type { Phrase } from "./state.ts";

const WORDS = /\S*[\p{L}\p{N}]\S*/gu;

/**
 * Splits a written reply at the last word that was heard. The two may differ in spaces and marks
 * (what is spoken is not spelled like what is written), so words are counted, not letters.
 */
export function lengthHeard(written: string, heard: string): number {
  if (written.startsWith(heard)) return heard.length;
  return afterWords(written, 0, heard.match(WORDS)?.length ?? 0);
}

/** Where in the text a phrase stands that was spoken after everything before `from`. */
export function phraseIn(written: string, from: number, spoken: string): [number, number] {
  const phrase = spoken.trim();
  const found = written.indexOf(phrase, from);
  if (found >= 0 && found - from <= phrase.length) return [found, found + phrase.length];
  return [from, afterWords(written, from, phrase.match(WORDS)?.length ?? 0)];
}

/**
 * How many characters have been heard after so much sound: exactly between the phrases whose
 * place is known, by the usual pace elsewhere. A word that has begun counts as heard.
 */
export function heardAfter(
  written: string,
  phrases: readonly Phrase[],
  playedMs: number,
  paceMs: number,
): number {
  if (playedMs <= 0) return 0;
  const at = phrases.findLastIndex(({ startMs }) => startMs <= playedMs);
  const phrase = phrases[at];
  if (phrase === undefined) {
    const limit = phrases[0]?.from ?? written.length;
    return endOfWord(written, Math.min(limit, playedMs / paceMs));
  }
  const { from, to, startMs, endMs } = phrase;
  const whole = endMs === null ? (to - from) * paceMs : endMs - startMs;
  const share = whole > 0 ? Math.min(1, (playedMs - startMs) / whole) : 1;
  return share === 1 ? to : Math.min(to, endOfWord(written, from + share * (to - from)));
}

function endOfWord(text: string, at: number): number {
  const start = Math.min(text.length, Math.floor(at));
  const space = text.slice(start).search(/\s/);
  return space < 0 ? text.length : start + space;
}

function afterWords(text: string, from: number, count: number): number {
  let end = from;
  let seen = 0;
  for (const word of text.slice(from).matchAll(WORDS)) {
    if (seen === count) break;
    seen += 1;
    end = from + word.index + word[0].length;
  }
  return end;
}
