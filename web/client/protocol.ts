// The messages of `/ws`: what a server may say, what we may say. Words of the wire stay in this file.

const LONGEST_WAIT_MS = 3_600_000; // a timer that is set for weeks goes off at once

/** What the server told us, in our words. */
export type Told =
  | { kind: "connected"; sessionId: string }
  | { kind: "heard"; text: string; final: boolean; confidence: number }
  | { kind: "replying"; reply: number; mode: Mode }
  | { kind: "words"; reply: number; text: string }
  | { kind: "sound"; reply: number; encoding: "pcm16" | "wav"; base64: string; text: string | null }
  | { kind: "completed"; reply: number; mode: Mode; text: string | null }
  | { kind: "interrupted"; reply: number; heard: string }
  | { kind: "problem"; sentence: string; code: string; retryAfterMs?: number }
  | { kind: "going-away"; resumeAfterMs: number }
  | {
      kind: "traced";
      turn: string;
      event: string;
      serverMs: number;
      /** The reply that answers the turn; 0 while there is none. */
      reply: number;
      why: Why | null;
    }
  | { kind: "pong" };

/** Which stage the server found the slowest in a turn, and how much of the gap it was. */
export interface Why {
  stage: string;
  ms: number;
  ofMs: number;
}

/** A spoken reply arrives in time with its playback, a typed one as fast as it is made. */
export type Mode = "spoken" | "typed";

/** What a user may choose; what is left out is left to the server. */
export interface Choices {
  persona?: string;
  voice?: string;
  speed?: number;
  language?: string;
}

/** What we say; the fields are the wire's own. */
export type Wish =
  | { type: "chat"; message: string }
  | { type: "interrupt" }
  | { type: "ping" }
  | { type: "start" }
  | { type: "stop" }
  | { type: "played"; reply: number; ms: number }
  | ({ type: "config"; instructions?: string; sample_rate?: number; trace?: boolean } & Choices);

export const wish = {
  chat: (message: string): Wish => ({ type: "chat", message }),
  interrupt: (): Wish => ({ type: "interrupt" }),
  ping: (): Wish => ({ type: "ping" }),
  played: (reply: number, ms: number): Wish => ({ type: "played", reply, ms: Math.round(ms) }),
  /** A turn that is held: the sound between the two is all of it. */
  start: (): Wish => ({ type: "start" }),
  stop: (): Wish => ({ type: "stop" }),
  config: (choices: Choices & { trace?: boolean }): Wish => ({ type: "config", ...choices }),
};

/** The meaning of a text frame, or null for one that is no message of this protocol. */
export function parse(frame: string): Told | null {
  const message = recordOf(jsonOf(frame));
  if (message === null || typeof message.type !== "string") return null;
  return Object.hasOwn(meanings, message.type) ? (meanings[message.type]?.(message) ?? null) : null;
}

type Fields = Record<string, unknown>;

const meanings: Record<string, (message: Fields) => Told | null> = {
  status: (message) => {
    const reply = numberOf(message.reply);
    switch (message.data) {
      case "connected":
        return { kind: "connected", sessionId: textOf(message.session_id) ?? "" };
      case "going_away":
        return { kind: "going-away", resumeAfterMs: waitOf(message.resume_after_ms) };
      case "generating":
        return reply === null ? null : { kind: "replying", reply, mode: "spoken" };
      case "complete":
        return reply === null ? null : { kind: "completed", reply, mode: "spoken", text: null };
      case "interrupted":
        return { kind: "interrupted", reply: reply ?? 0, heard: textOf(message.heard) ?? "" };
      default:
        return null;
    }
  },
  transcript: ({ data }) => {
    const said = recordOf(data);
    const text = textOf(said?.text);
    if (said === null || text === null) return null;
    const confidence = Math.min(1, Math.max(0, finiteOf(said.confidence) ?? 0));
    return { kind: "heard", text, final: said.is_final === true, confidence };
  },
  text_chunk: ({ data, reply }) => wordsOf(reply, data),
  audio: ({ data, reply, text }) => soundOf(reply, "pcm16", data, text),
  response_start: (message) => {
    const reply = numberOf(message.reply);
    return reply === null ? null : { kind: "replying", reply, mode: "typed" };
  },
  chunk: ({ data, reply }) => {
    const chunk = recordOf(data);
    if (chunk?.type === "text") return wordsOf(reply, chunk.data);
    if (chunk?.type === "audio") return soundOf(reply, "wav", chunk.data, chunk.text);
    return null;
  },
  response_complete: (message) => {
    const reply = numberOf(message.reply);
    if (reply === null) return null;
    return { kind: "completed", reply, mode: "typed", text: textOf(message.full_text) };
  },
  error: (message) => {
    const sentence = textOf(message.data) ?? textOf(message.message);
    if (!sentence) return null;
    const problem = { kind: "problem", sentence, code: textOf(message.code) ?? "" } as const;
    const retryAfterMs = waitOf(message.retry_after_ms);
    return retryAfterMs > 0 ? { ...problem, retryAfterMs } : problem;
  },
  pong: () => ({ kind: "pong" }),
  trace_event: ({ turn_id, event, ts, reply: number, why }) => {
    const [turn, name, seconds] = [textOf(turn_id), textOf(event), finiteOf(ts)];
    if (!turn || !name || seconds === null) return null;
    const reply = numberOf(number) ?? 0;
    return { kind: "traced", turn, event: name, serverMs: seconds * 1000, reply, why: whyOf(why) };
  },
};

function whyOf(sent: unknown): Why | null {
  const why = recordOf(sent);
  const [stage, ms, ofMs] = [textOf(why?.stage), finiteOf(why?.ms), finiteOf(why?.of_ms)];
  return stage === null || ms === null || ofMs === null ? null : { stage, ms, ofMs };
}

function wordsOf(number: unknown, data: unknown): Told | null {
  const reply = numberOf(number);
  const text = textOf(data);
  return reply === null || text === null ? null : { kind: "words", reply, text };
}

function soundOf(number: unknown, encoding: "pcm16" | "wav", data: unknown, spoken: unknown) {
  const reply = numberOf(number);
  const base64 = textOf(data);
  if (reply === null || !base64) return null;
  return { kind: "sound", reply, encoding, base64, text: textOf(spoken) } as const;
}

function jsonOf(frame: string): unknown {
  try {
    return JSON.parse(frame);
  } catch {
    return null;
  }
}

function recordOf(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : null;
}

const textOf = (value: unknown) => (typeof value === "string" ? value : null);
const finiteOf = (value: unknown) =>
  typeof value === "number" && Number.isFinite(value) ? value : null;
const numberOf = (value: unknown) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null;
const waitOf = (value: unknown) => Math.min(LONGEST_WAIT_MS, numberOf(value) ?? 0);
