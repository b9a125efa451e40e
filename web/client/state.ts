// What is known at one moment, as plain values that are never changed in place.

import type { Why } from "./protocol.ts";

/** How the server is reached: "waiting" is the pause before the next try. */
export type Link = "connecting" | "open" | "waiting" | "closed";

/** Whether the microphone is in use; "starting" is while the browser asks for it. */
export type Call = "off" | "starting" | "on";

export type TalkMode = "hands-free" | "push";

/** Moments on the page's clock, in milliseconds; null for what has not happened. */
export interface Moments {
  /** The last loud frame of the question. An estimate: the page hears levels, not words. */
  voiceEnded: number | null;
  /** The transcript was final, or the message was sent. */
  asked: number | null;
  replying: number | null;
  firstWords: number | null;
  /** Sound arrived. */
  firstSound: number | null;
  /** Sound left the loudspeaker. */
  firstHeard: number | null;
  ended: number | null;
}

/** A stretch of a reply's text whose place in its sound is known. */
export interface Phrase {
  from: number;
  to: number;
  startMs: number;
  /** null while its sound is still arriving. */
  endMs: number | null;
}

export interface UserItem {
  readonly kind: "user";
  readonly id: number;
  readonly text: string;
  readonly typed: boolean;
  /** How sure the recogniser was, 0 to 1; null for what was typed. */
  readonly confidence: number | null;
  readonly earlier?: true;
}

export interface ReplyItem {
  readonly kind: "reply";
  readonly id: number;
  /** The server's number for it; 0 once that connection is gone. */
  readonly reply: number;
  /** Who spoke; "" is the server's usual one. */
  readonly persona: string;
  readonly text: string;
  /** So many characters of the text have been heard. */
  readonly heard: number;
  readonly status: "live" | "complete" | "interrupted" | "failed";
  readonly phrases: readonly Phrase[];
  /** Sound that arrived and sound that was played, in milliseconds. */
  readonly arrivedMs: number;
  readonly playedMs: number;
  /** So much of its sound comes before its words: somebody was asked to wait. null while it does. */
  readonly asideMs: number | null;
  readonly moments: Moments;
  readonly earlier?: true;
}

export interface NoteItem {
  readonly kind: "note";
  readonly id: number;
  readonly note: "new-session" | "persona" | "earlier";
}

export type Item = UserItem | ReplyItem | NoteItem;

/** What went wrong, as a code; the page has a sentence for each. */
export interface Problem {
  readonly code: ProblemCode;
  /** The server's own words, where it has some. */
  readonly sentence?: string;
}

export type ProblemCode =
  | "insecure"
  | "unsupported"
  | "mic-blocked"
  | "mic-missing"
  | "mic-busy"
  | "mic-failed"
  | "mic-gone"
  | "mic-paused"
  | "mic-silent"
  | "device-gone"
  | "output-failed"
  | "server";

/** A moment of a turn, in milliseconds since 1970 on the server's clock. */
export interface Mark {
  readonly event: string;
  readonly serverMs: number;
}

/** What the server tells of one turn's course. */
export interface TurnTrace {
  readonly turn: string;
  /** The reply item that answers the turn; null while none does. */
  readonly item: number | null;
  readonly marks: readonly Mark[];
  readonly why: Why | null;
}

/** How the page's clock stands to the server's, as far as messages tell. */
export interface ClockOffset {
  /** The least that a message seemed to be under way: the page's clock less the server's. */
  readonly leastMs: number;
  readonly at: number;
}

export interface State {
  readonly link: Link;
  /** Whether the server has ever answered this page. */
  readonly met: boolean;
  readonly sessionId: string | null;
  readonly roundTripMs: number | null;
  /** Who will speak the next reply. */
  readonly persona: string;
  readonly call: Call;
  readonly callBegan: number | null;
  readonly talkMode: TalkMode;
  readonly muted: boolean;
  /** The talk key or button is held down. */
  readonly held: boolean;
  /** How loud the microphone is, 0 to 1 as the ear takes it. */
  readonly micLevel: number;
  readonly voiceLastAt: number | null;
  /** When the question was complete that the next reply answers. */
  readonly askedAt: number | null;
  /** What the user is saying, as far as it is understood. */
  readonly interim: string;
  readonly items: readonly Item[];
  readonly nextId: number;
  /** The newest reply, and whether the server is still busy with it. */
  readonly reply: number;
  readonly answering: boolean;
  /** No reply up to this one may be heard any more. */
  readonly silenced: number;
  /** The reply that is heard just now; 0 for none. */
  readonly sounding: number;
  /** Whether replies can be heard at all; without sound every word counts as heard. */
  readonly audible: boolean;
  /** How long a character of speech takes, learnt from replies that were heard to their end. */
  readonly paceMs: number;
  readonly problem: Problem | null;
  /** The latest turns whose course the server told. */
  readonly traces: readonly TurnTrace[];
  readonly clock: ClockOffset | null;
}

export const initial: State = {
  link: "connecting",
  met: false,
  sessionId: null,
  roundTripMs: null,
  persona: "",
  call: "off",
  callBegan: null,
  talkMode: "hands-free",
  muted: false,
  held: false,
  micLevel: 0,
  voiceLastAt: null,
  askedAt: null,
  interim: "",
  items: [],
  nextId: 1,
  reply: 0,
  answering: false,
  silenced: 0,
  sounding: 0,
  audible: true,
  paceMs: 62,
  problem: null,
  traces: [],
  clock: null,
};

export type Presence =
  | "connecting"
  | "waiting"
  | "asking"
  | "hearing"
  | "speaking"
  | "thinking"
  | "muted"
  | "push"
  | "listening"
  | "ready";

/** One word for what is going on. */
export function presenceOf(state: State): Presence {
  if (state.link !== "open") return state.link === "waiting" ? "waiting" : "connecting";
  if (state.call === "starting") return "asking";
  if (state.interim) return "hearing";
  if (state.sounding) return "speaking";
  if (canStop(state)) return hasBegunToSpeak(state) ? "speaking" : "thinking";
  if (state.call !== "on") return "ready";
  if (isMicOpen(state)) return "listening";
  return state.talkMode === "push" ? "push" : "muted";
}

/** Whether what the microphone hears is sent as it is, and not as silence. */
export function isMicOpen({ talkMode, muted, held }: State): boolean {
  return held || (talkMode === "hands-free" && !muted);
}

/** Whether there is a reply that "stop" would stop. */
export const canStop = (state: State) => state.answering || audibleReply(state) > 0;

/** The reply that is heard just now or is about to be, its sound being here; 0 for none. */
export function audibleReply(state: State): number {
  const { sounding, reply, silenced, audible } = state;
  if (sounding > 0 || !audible || reply <= silenced) return sounding;
  const item = replyOf(state, reply);
  if (item === null) return 0;
  const { firstSound, firstHeard } = item.moments;
  const isComing = item.status === "live" || item.status === "complete";
  return isComing && firstSound !== null && firstHeard === null ? reply : 0;
}

/** Between two phrases nothing is heard for a moment, and yet somebody is speaking. */
const hasBegunToSpeak = (state: State) =>
  (replyOf(state, state.reply)?.moments.firstHeard ?? null) !== null;

/** The item of a reply; null for 0, which is none, and for one that is not on the page any more. */
export function replyOf({ items }: State, reply: number): ReplyItem | null {
  if (reply === 0) return null;
  const item = items.findLast((one) => one.kind === "reply" && one.reply === reply);
  return item?.kind === "reply" ? item : null;
}

/** Whether sound of this reply may still be heard. */
export const mayBeHeard = (state: State, reply: number) =>
  reply === state.reply && reply > state.silenced;
