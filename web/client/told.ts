// What each message of the server does to the state.

import { lengthHeard } from "./heard.ts";
import { added, changed, heardTo, replyItem, silenced } from "./items.ts";
import type { Told } from "./protocol.ts";
import { audibleReply, type Item, type ReplyItem, replyOf, type State } from "./state.ts";
import { traced, withTrace } from "./traces.ts";

const LONG_ENOUGH_TO_LEARN_MS = 1_500;
const OLD_PACE_COUNTS = 0.6;

export function afterTold(state: State, told: Told, at: number): State {
  switch (told.kind) {
    case "connected":
      return connected(state, told.sessionId);
    case "heard":
      return told.final
        ? understood(state, told.text, told.confidence, at)
        : overheard(state, told.text);
    case "replying":
      return begun(state, told.reply, at);
    case "words":
      return written(state, told.reply, told.text, at);
    case "sound":
      return changed(state, told.reply, (item) => sounded(item, told.text, at));
    case "completed":
      return completed(state, told, at);
    case "interrupted":
      return interrupted(state, told.reply, told.heard, at);
    case "problem":
      return failed(state, told.sentence);
    case "traced":
      return traced(state, told, at);
    case "going-away":
    case "pong":
      return state;
  }
}

/** A new session counts its replies from one and knows no past; the same session goes on. */
function connected(state: State, sessionId: string): State {
  const open = { ...state, link: "open", met: true, sessionId } as const;
  if (sessionId !== "" && sessionId === state.sessionId) return open;
  const fresh: State = {
    ...open,
    items: silenced(state, state.reply).items.map(leftBehind),
    reply: 0,
    silenced: 0,
    answering: false,
    sounding: 0,
    interim: "",
  };
  const last = state.items.at(-1);
  const wasTalking = last !== undefined && last.kind !== "note" && !last.earlier && state.met;
  return wasTalking ? added(fresh, { kind: "note", note: "new-session" }) : fresh;
}

/** An item of a connection that is gone: no number will ever mean it again. */
function leftBehind(item: Item): Item {
  return item.kind === "reply" && item.reply !== 0 ? { ...brokenOff(item), reply: 0 } : item;
}

function brokenOff(item: ReplyItem): ReplyItem {
  return item.status === "live" ? { ...item, status: "failed" } : item;
}

function overheard(state: State, text: string): State {
  return { ...state, interim: text.trim() };
}

function understood(state: State, text: string, confidence: number, at: number): State {
  const settled: State = { ...state, interim: "", problem: null, askedAt: at };
  const said = text.trim();
  return said ? added(settled, { kind: "user", text: said, typed: false, confidence }) : settled;
}

function begun(state: State, reply: number, at: number): State {
  if (reply < state.reply) return state;
  const moments = { voiceEnded: state.voiceLastAt, asked: state.askedAt ?? at, replying: at };
  // One that was given up without a word about it was not heard to its end either.
  const before = changed(silenced(heardOut(state), reply - 1), state.reply, brokenOff);
  const next: State = { ...before, reply, answering: true, interim: "" };
  return withTrace(
    added(next, { ...replyItem(reply, "", moments), persona: state.persona }),
    state.nextId,
  );
}

/**
 * A reply that was cut off is told to be, before the next one begins. What is replaced without a
 * word counts as heard to its end, here as there: its last sound may still be on its way.
 */
function heardOut(state: State): State {
  return changed(state, audibleReply(state), (item) =>
    item.status === "complete" ? { ...item, heard: item.text.length } : item,
  );
}

function written(state: State, reply: number, text: string, at: number): State {
  return changed(state, reply, (item) => {
    const whole = item.text ? item.text + text : text.trimStart();
    const heard = state.audible ? item.heard : whole.length;
    const moments = { ...item.moments, firstWords: item.moments.firstWords ?? at };
    return { ...item, text: whole, heard, moments };
  });
}

/** Sound without words is no answer yet; what comes after it without a text goes on with it. */
function sounded(item: ReplyItem, text: string | null, at: number): ReplyItem {
  if (item.moments.firstSound !== null) return item;
  if (text === "") return { ...item, asideMs: null };
  if (text === null && item.asideMs === null) return item;
  return { ...item, moments: { ...item.moments, firstSound: at } };
}

function completed(state: State, told: Extract<Told, { kind: "completed" }>, at: number): State {
  const isNewest = told.reply === state.reply;
  const next = changed(state, told.reply, (item) => {
    const text = item.text || (told.text ?? "").trim();
    const isHeard = told.mode === "spoken" || !state.audible || hasPlayedOut(item, state);
    const heard = isHeard ? text.length : item.heard;
    const moments = { ...item.moments, ended: at };
    const phrases = item.phrases.map((one) => ({ ...one, endMs: one.endMs ?? item.arrivedMs }));
    return heardTo({ ...item, text, heard, phrases, status: "complete", moments }, state);
  });
  return { ...withPace(next, told.reply), answering: state.answering && !isNewest };
}

/** "Complete" of a spoken reply means that it was heard; of a typed one, only that it was sent. */
function hasPlayedOut(item: ReplyItem, { sounding }: State): boolean {
  return sounding !== item.reply && item.playedMs > 0 && item.playedMs >= item.arrivedMs;
}

/** A reply that was heard to its end teaches how fast this voice speaks. */
function withPace(state: State, reply: number): State {
  const item = replyOf(state, reply);
  if (item === null || item.text === "" || item.asideMs === null) return state;
  const spokenMs = item.arrivedMs - item.asideMs;
  if (spokenMs < LONG_ENOUGH_TO_LEARN_MS) return state;
  const latest = spokenMs / item.text.length;
  return { ...state, paceMs: OLD_PACE_COUNTS * state.paceMs + (1 - OLD_PACE_COUNTS) * latest };
}

function interrupted(state: State, reply: number, heard: string, at: number): State {
  if (reply === 0) return state; // there was nothing to stop
  const cut = (item: ReplyItem): ReplyItem => ({
    ...item,
    heard: lengthHeard(item.text, heard),
    status: "interrupted",
    moments: { ...item.moments, ended: at },
  });
  const next = changed(state, reply, cut);
  const answering = state.answering && reply !== state.reply;
  return { ...silenced(next, reply), answering };
}

function failed(state: State, sentence: string): State {
  return { ...state, problem: { code: "server", sentence } };
}
