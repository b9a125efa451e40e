// Whether the microphone hears the loudspeaker, and what the browser takes away of that.

const WINDOW_FRAMES = 3; // of 20 ms: long enough to tell the notes from each other
const LOUD_SHARE = 0.9;
const QUIETEST_DB = -96;
const STANDS_OUT_DB = 8;
const TAKEN_AWAY_DB = 20;

/** How loud the notes are in what was heard, in dB below the loudest possible. */
export interface NotesHeard {
  before: number;
  during: number;
}

export interface Echo {
  /** Untouched, and as a call would hear it. */
  rawDb: number;
  leftDb: number;
  verdict: "unheard" | "cancelled" | "leaks";
}

export function echoOf(raw: NotesHeard, left: NotesHeard): Echo {
  const [rawDb, leftDb] = [raw.during, left.during];
  return { rawDb, leftDb, verdict: verdictOf(raw, left) };
}

function verdictOf(raw: NotesHeard, left: NotesHeard): Echo["verdict"] {
  const isLeft = left.during - left.before >= STANDS_OUT_DB;
  const isHeard = raw.during - raw.before >= STANDS_OUT_DB;
  if (!isHeard && !isLeft) return "unheard";
  return isLeft && raw.during - left.during < TAKEN_AWAY_DB ? "leaks" : "cancelled";
}

/** The loudness of the notes in frames of sound, in dB: that of the moments when one is played. */
export function notesIn(frames: readonly Int16Array[], notes: readonly number[], rateHz: number) {
  const loudness: number[] = [];
  for (let at = 0; at + WINDOW_FRAMES <= frames.length; at += 1) {
    const sound = joined(frames.slice(at, at + WINDOW_FRAMES));
    loudness.push(Math.max(...notes.map((hz) => toneIn(sound, hz, rateHz))));
  }
  loudness.sort((a, b) => a - b);
  const loud = loudness[Math.floor(loudness.length * LOUD_SHARE)] ?? 0;
  return loud > 0 ? Math.max(QUIETEST_DB, Math.round(20 * Math.log10(loud))) : QUIETEST_DB;
}

/** The amplitude of one tone, 0 to 1: a single bin of a Fourier transform. */
export function toneIn(sound: Int16Array, hz: number, rateHz: number): number {
  const turn = (2 * Math.PI * hz) / rateHz;
  let [real, imaginary] = [0, 0];
  sound.forEach((sample, index) => {
    real += sample * Math.cos(turn * index);
    imaginary -= sample * Math.sin(turn * index);
  });
  return (2 * Math.hypot(real, imaginary)) / Math.max(1, sound.length) / 32_768;
}

function joined(frames: readonly Int16Array[]): Int16Array {
  const all = new Int16Array(frames.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const frame of frames) {
    all.set(frame, at);
    at += frame.length;
  }
  return all;
}
