// The heart of the page: what happened goes in, the new state and a list of wishes come out.
//
// It knows neither the page nor the socket nor the sound, so that a test can play a whole
// conversation to it. `handle(state, event)` never changes the state it is given.
//
// One rule runs through it: every reply has a number, and only the newest one may be heard. What
// was stopped (`silenced`) or replaced by a newer reply is dropped, however late it comes.

const TURNS_ON_THE_PAGE = 500;

export const initial = Object.freeze({
  link: "connecting", // connecting, open, or waiting for the next try
  met: false, // whether the server has ever answered
  mic: "off", // off, asking, on
  muted: false,
  interim: "", // what the user is saying, as far as it is understood
  turns: Object.freeze([]), // {id, who, text, reply?, cut?, earlier?}; cut is what was heard of it
  nextId: 1,
  reply: 0, // the newest reply
  answering: false, // the server is still busy with it
  sounding: 0, // the reply that is heard just now
  silenced: 0, // no sound up to this reply any more
  problem: null, // {sentence, way: what helps} or null
});

/** A message of the server, or null for anything that is not one. */
export function parse(text) {
  try {
    const message = JSON.parse(text);
    return typeof message?.type === "string" ? message : null;
  } catch {
    return null;
  }
}

/** The new state, and what is to be done: [state, wishes]. */
export function handle(state, event) {
  if (event.type !== "server") return happened[event.type](state, event);
  const { message } = event;
  const meaning = Object.hasOwn(told, message.type) ? told[message.type] : nothing;
  return meaning(state, message.data, numberOf(state, message), message);
}

/** One word for what is going on; the page has a sentence for each. */
export function presence(state) {
  if (state.link !== "open") return state.met ? "reconnecting" : state.link;
  if (state.mic === "asking") return "asking";
  if (state.interim) return "hearing";
  if (state.sounding) return "speaking";
  if (state.answering) return "thinking";
  if (state.mic === "on") return state.muted ? "muted" : "listening";
  return "idle";
}

/** Whether there is a reply that a press on "stop" would stop. */
export const canStop = (state) => state.answering || state.sounding > 0;

// ------------------------------------------------------------ what happens on this side

const happened = {
  link(state, { link }) {
    // Open is more than a socket: the server says so itself, once there is a conversation.
    return [link === "open" ? state : { ...state, link, interim: "" }, []];
  },
  mic(state, { mic }) {
    const problem = mic === "off" ? state.problem : null;
    return [{ ...state, mic, problem, muted: false, interim: "" }, []];
  },
  muted: (state, { muted }) => [{ ...state, muted }, []],
  sounding: (state, { reply }) => [{ ...state, sounding: reply }, []],
  problem: (state, { problem }) => [{ ...state, problem }, []],
  faded: (state) => [{ ...state, interim: "" }, []],
  restored(state, { turns }) {
    const note = { who: "note", text: "That was earlier. A new conversation begins here." };
    const all = turns.length > 0 ? [...turns, note] : [];
    return [all.reduce((sum, turn) => added(sum, { ...turn, earlier: true }), state), []];
  },
  cleared: (state) => [{ ...state, turns: [], interim: "" }, []],
  typed(state, { text }) {
    const message = { type: "chat", message: text };
    const next = added({ ...state, interim: "", problem: null }, { who: "you", text });
    return [next, [{ do: "send", message }]];
  },
  stopped(state) {
    const wishes = [{ do: "hush" }, { do: "send", message: { type: "interrupt" } }];
    return [{ ...state, silenced: state.reply, answering: false }, wishes];
  },
};

// ------------------------------------------------------------ what the server says

const told = {
  status: (state, data, reply, { heard }) => {
    if (data === "connected") return connected(state);
    if (data === "generating") return begun(state, reply);
    if (data === "complete") return ended(state, reply);
    if (data === "interrupted") return cut(state, reply, typeof heard === "string" ? heard : "");
    return nothing(state);
  },
  transcript: (state, data) => {
    const text = wordsOf(data?.text).trim();
    if (!data?.is_final) return [{ ...state, interim: text }, []];
    const settled = { ...state, interim: "", problem: null };
    return [text ? added(settled, { who: "you", text }) : settled, []];
  },
  text_chunk: (state, data, reply) => [written(state, reply, wordsOf(data)), []],
  audio: (state, data, reply) => [state, sound(state, reply, "play-piece", data)],
  response_start: (state, _data, reply) => begun(state, reply),
  chunk: (state, data, reply) => {
    if (data?.type === "text") return [written(state, reply, wordsOf(data.data)), []];
    if (data?.type === "audio") return [state, sound(state, reply, "play-phrase", data.data)];
    return nothing(state);
  },
  response_complete: (state, _data, reply, { full_text: fullText }) => {
    const hasText = state.turns.some((turn) => turn.reply === reply);
    return ended(hasText ? state : written(state, reply, wordsOf(fullText)), reply);
  },
  error: (state, data, _reply, { message }) => {
    const sentence = wordsOf(data) || wordsOf(message);
    return [sentence ? { ...state, problem: { sentence, way: null } } : state, []];
  },
};

const nothing = (state) => [state, []];
const wordsOf = (value) => (typeof value === "string" ? value : "");
const numberOf = (state, { reply }) => (Number.isInteger(reply) ? reply : state.reply);

/** A connection is a conversation of its own: it counts its replies from one and knows no past. */
function connected(state) {
  const turns = state.turns.map(({ reply: _ofTheOldConnection, ...turn }) => turn);
  const counters = { reply: 0, silenced: 0, answering: false, interim: "" };
  const fresh = { ...state, ...counters, turns, link: "open", met: true };
  const last = state.turns.at(-1);
  const spoken = last !== undefined && last.who !== "note" && !last.earlier;
  const note = "The connection was lost. A new conversation begins here.";
  return [spoken ? added(fresh, { who: "note", text: note }) : fresh, [{ do: "hush" }]];
}

function begun(state, reply) {
  if (reply < state.reply) return nothing(state);
  const older = reply > state.reply && state.reply > 0;
  return [{ ...state, reply, answering: true, interim: "" }, older ? [{ do: "hush" }] : []];
}

function ended(state, reply) {
  const turn = state.turns.find((one) => one.reply === reply);
  const answering = state.answering && reply !== state.reply;
  return [{ ...state, answering }, turn ? [{ do: "announce", text: turn.text }] : []];
}

function cut(state, reply, heard) {
  if (reply === 0) return nothing(state); // there was nothing to stop
  const turns = state.turns.map((turn) => (turn.reply === reply ? { ...turn, cut: heard } : turn));
  const silenced = Math.max(state.silenced, reply);
  const answering = state.answering && reply !== state.reply;
  return [{ ...state, turns, silenced, answering }, reply === state.reply ? [{ do: "hush" }] : []];
}

/** The turn of a reply grows; it comes into being with its first words. */
function written(state, reply, text) {
  const index = state.turns.findLastIndex((turn) => turn.reply === reply);
  if (index >= 0) {
    const turn = state.turns[index];
    return { ...state, turns: state.turns.with(index, { ...turn, text: turn.text + text }) };
  }
  if (reply < state.reply || !text.trim()) return state;
  return added(state, { who: "them", text: text.trimStart(), reply });
}

function sound(state, reply, wish, base64) {
  const current = reply === state.reply && reply > state.silenced;
  return current && wordsOf(base64) ? [{ do: wish, reply, base64 }] : [];
}

function added(state, turn) {
  const turns = [...state.turns, { ...turn, id: state.nextId }].slice(-TURNS_ON_THE_PAGE);
  return { ...state, turns, nextId: state.nextId + 1 };
}
