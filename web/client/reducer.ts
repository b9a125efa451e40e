// The heart of the page: a state and something that happened give the next state, and nothing else.
//
// One rule runs through it: every reply has a number, and only the newest one may be heard. What
// was stopped or replaced raises `silenced`; the one who plays the sound watches that number.

import type { Event } from "./events.ts";
import { added, changed, heardTo, silenced, startOf } from "./items.ts";
import { initial, type State } from "./state.ts";
import { afterTold } from "./told.ts";

/** Louder than this on the ear's scale is taken for a voice. */
const VOICE_LEVEL = 0.35;
const LEVEL_STEPS = 20;

export function reduce(state: State, event: Event): State {
  switch (event.type) {
    case "told":
      return afterTold(state, event.told, event.at);
    case "link":
      // Open is more than a socket: the server says so itself, once there is a conversation.
      if (event.link === "open") return state;
      return { ...state, link: event.link, interim: "", roundTripMs: null };
    case "ponged":
      return { ...state, roundTripMs: Math.round(event.roundTripMs) };
    case "call":
      return afterCall(state, event.call, event.at);
    case "typed":
      return added(
        { ...state, interim: "", problem: null, voiceLastAt: null, askedAt: event.at },
        { kind: "user", text: event.text, typed: true, confidence: null },
      );
    case "stopped":
      return { ...silenced(state, state.reply), answering: false };
    case "muted":
      return { ...state, muted: event.muted };
    case "held":
      return state.held === event.held ? state : { ...state, held: event.held };
    case "talk-mode":
      return { ...state, talkMode: event.mode, muted: false };
    case "persona":
      return afterPersona(state, event.persona);
    case "dismissed":
      return { ...state, problem: null };
    case "forgotten":
      return {
        ...silenced(state, state.reply),
        items: [],
        traces: [],
        interim: "",
        answering: false,
      };
    case "cleared":
      return { ...state, items: [], traces: [] };
    case "level":
      return afterLevel(state, event.level, event.at);
    case "queued":
      return afterQueued(state, event);
    case "played":
      return afterPlayed(state, event);
    case "sounding":
      return afterSounding(state, event.reply, event.at);
    case "audible":
      return { ...state, audible: event.audible };
    case "problem":
      return { ...state, problem: event.problem };
    case "interim-faded":
      return { ...state, interim: "" };
    case "restored":
      return restored(state, event.items);
  }
}

function afterCall(state: State, call: State["call"], at: number): State {
  const quiet = { muted: false, held: false, micLevel: 0, voiceLastAt: null, interim: "" };
  if (call === "off") return { ...state, ...quiet, call, callBegan: null };
  const callBegan = call === "on" ? (state.callBegan ?? at) : state.callBegan;
  return { ...state, ...quiet, call, callBegan, problem: null };
}

/** Another persona is told nothing of what was said before. */
function afterPersona(state: State, persona: string): State {
  if (persona === state.persona) return state;
  const next = { ...state, persona };
  const wasTalking = state.items.some((item) => item.kind !== "note" && !item.earlier);
  return wasTalking ? added(next, { kind: "note", note: "persona" }) : next;
}

function afterLevel(state: State, level: number, at: number): State {
  const micLevel = Math.round(level * LEVEL_STEPS) / LEVEL_STEPS;
  const isVoice = level >= VOICE_LEVEL;
  if (!isVoice && micLevel === state.micLevel) return state;
  return { ...state, micLevel, voiceLastAt: isVoice ? at : state.voiceLastAt };
}

/** Sound has arrived; where the server says which words it is, they get their place in it. */
function afterQueued(state: State, event: Extract<Event, { type: "queued" }>): State {
  return changed(state, event.reply, (item) => {
    const arrivedMs = Math.max(item.arrivedMs, event.endMs ?? event.startMs);
    if (event.text === null) return { ...item, arrivedMs };
    const phrases = startOf(item, event.text, event.startMs, event.endMs);
    const asideMs = event.text === "" ? item.asideMs : (item.asideMs ?? event.startMs);
    return { ...item, arrivedMs, phrases, asideMs };
  });
}

/** The first that was heard of an answer is the first of its words: what asks to wait is none. */
function afterPlayed(state: State, event: Extract<Event, { type: "played" }>): State {
  return changed(state, event.reply, (item) => {
    const playedMs = Math.max(item.playedMs, event.ms);
    const isHeard = item.asideMs !== null && item.asideMs > 0 && playedMs > item.asideMs;
    const firstHeard = item.moments.firstHeard ?? (isHeard ? event.at : null);
    return heardTo({ ...item, playedMs, moments: { ...item.moments, firstHeard } }, state);
  });
}

function afterSounding(state: State, reply: number, at: number): State {
  const fell = changed(state, state.sounding, (item) =>
    // A typed reply that has all arrived and is no longer heard was heard to its end.
    item.status === "complete" && reply !== item.reply
      ? { ...item, heard: item.text.length }
      : item,
  );
  const next = changed(fell, reply, (item) => {
    if (item.asideMs === null || item.playedMs < item.asideMs) return item;
    const moments = { ...item.moments, firstHeard: item.moments.firstHeard ?? at };
    return { ...item, moments };
  });
  return { ...next, sounding: reply };
}

function restored(state: State, items: State["items"]): State {
  if (items.length === 0) return state;
  const earlier = items.reduce(
    (sum, item) => (item.kind === "note" ? sum : added(sum, { ...item, earlier: true })),
    { ...initial, ...state, items: [] } as State,
  );
  const marked = added(earlier, { kind: "note", note: "earlier" });
  return { ...marked, items: [...marked.items, ...state.items] };
}
