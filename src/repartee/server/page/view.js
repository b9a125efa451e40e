// State in, page out. What is drawn for which state is decided here and nowhere else.

import { canStop, presence } from "./client.js";
import { splitHeard } from "./heard.js";

const PRESENCE = {
  connecting: "Connecting…",
  waiting: "The server can't be reached. Trying again…",
  reconnecting: "The connection was lost. Trying again…",
  asking: "Allow the microphone in your browser",
  idle: "Ready when you are",
  listening: "Listening",
  hearing: "Hearing you",
  thinking: "Thinking",
  speaking: "Speaking",
  muted: "Your microphone is muted",
};
const LINK = { connecting: "Connecting", open: "Connected", waiting: "Not connected" };
const NEAR_THE_END_PX = 80;

export const element = (id) => document.getElementById(id);

/** Draws a state; `before` is what is drawn now, so that only what changed is touched. */
export function draw(state, before, { autoScroll }) {
  const log = element("log");
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_THE_END_PX;
  if (state.turns !== before.turns) drawTurns(state.turns);
  drawInterim(state.interim);
  if (state.problem !== before.problem) drawProblem(state.problem);
  element("welcome").hidden = state.turns.length > 0 || state.interim !== "";
  drawDock(state);
  announceLink(presence(state), presence(before));
  if (autoScroll && atEnd && element("welcome").hidden) log.scrollTop = log.scrollHeight;
}

/** Says something to a screen reader, once the voice can't. */
export function announce(text) {
  element("announcer").textContent = text;
}

function drawTurns(turns) {
  const list = element("turns");
  const drawn = new Map([...list.children].map((item) => [item.turn.id, item]));
  const wanted = turns.map((turn) => {
    const item = drawn.get(turn.id);
    return item?.turn === turn ? item : itemOf(turn, item);
  });
  if (wanted.length !== drawn.size || wanted.some((item, i) => item !== list.children[i])) {
    list.replaceChildren(...wanted);
  }
}

function itemOf(turn, item = document.createElement("li")) {
  item.turn = turn;
  item.className = `turn ${turn.who}${turn.earlier ? " earlier" : ""}`;
  item.replaceChildren(...speakerOf(turn), ...wordsOf(turn));
  return item;
}

function speakerOf({ who }) {
  return who === "note" ? [] : [span("unseen", who === "you" ? "You: " : "Repartee: ")];
}

function wordsOf({ text, cut }) {
  if (cut === undefined) return [text];
  const [heard, unheard] = splitHeard(text, cut);
  const rest = document.createElement("del");
  rest.className = "unheard";
  rest.textContent = unheard.trimStart();
  const gap = unheard.slice(0, unheard.length - rest.textContent.length);
  const remark = heard ? "interrupted" : "interrupted before it was heard";
  return [heard + gap, rest, span("cut", remark)];
}

function span(className, text) {
  const made = document.createElement("span");
  made.className = className;
  made.textContent = text;
  return made;
}

function drawInterim(text) {
  element("interim").hidden = text === "";
  element("interim").textContent = text;
}

function drawProblem(problem) {
  element("problem").hidden = problem === null;
  element("problem-sentence").textContent = problem?.sentence ?? "";
  element("problem-retry").hidden = problem?.way !== "talk";
}

function drawDock(state) {
  const now = presence(state);
  element("dock").dataset.presence = now;
  const mayInterrupt = now === "speaking" && state.mic === "on" && !state.muted;
  write(element("presence"), mayInterrupt ? "Speaking. Talk to interrupt" : PRESENCE[now]);
  element("link").dataset.link = state.link;
  write(element("link"), LINK[state.link]);
  const talking = state.mic !== "off";
  element("talk").dataset.talking = talking;
  write(element("talk-word"), talking ? "End" : "Talk");
  element("mute").disabled = state.mic !== "on";
  element("mute").setAttribute("aria-pressed", state.muted);
  element("stop").disabled = !canStop(state);
  element("send").disabled = state.link !== "open";
}

/** Who doesn't see the page should still know whether anybody is listening. */
function announceLink(now, before) {
  if (now === before) return;
  if (now === "waiting" || now === "reconnecting") announce(PRESENCE[now]);
  else if (before === "reconnecting") announce("Connected again.");
}

function write(where, text) {
  if (where.textContent !== text) where.textContent = text;
}
