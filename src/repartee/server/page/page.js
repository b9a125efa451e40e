// Joins the parts: the client's wishes become sound, messages and pixels, and what people do and
// devices report becomes events for the client.

import { canStop, handle, initial, parse } from "./client.js";
import { fetchConfig } from "./config.js";
import { loadMessages, saveMessages } from "./history.js";
import { Meter } from "./meter.js";
import { Microphone } from "./microphone.js";
import { Preferences } from "./preferences.js";
import * as problems from "./problems.js";
import { Socket, socketUrl } from "./socket.js";
import { Speaker } from "./speaker.js";
import { announce, draw, element } from "./view.js";
import { keepAwake, letSleep } from "./wake.js";

const INTERIM_LASTS_MS = 10_000; // words that never became final must not stand there for ever
const KEEP_AFTER_MS = 1_000;
const SILENT_FRAMES_MS = 5_000; // a microphone that gives nothing but zeros for so long is off

const config = await fetchConfig();
const meter = new Meter(element("dock"));
const microphone = new Microphone();
const preferences = new Preferences(config, {
  send: (message) => socket.send(message),
  onVolume: (volume) => (speaker.volume = volume),
});
const output = {
  rateHz: config.tts_sample_rate,
  gather: config.audio_buffer_size,
  phrasesAhead: config.max_queue_size,
  volume: preferences.volume,
};
const speaker = new Speaker(output, {
  onSounding: (reply) => happen({ type: "sounding", reply }),
  onPlayed: (reply, ms) => socket.send({ type: "played", reply, ms }),
  onLevel: (level) => meter.show("speaker", level),
});
const socket = new Socket(socketUrl(config.websocket_url, location.href), {
  onLink(link) {
    happen({ type: "link", link });
    if (link === "open") preferences.tell();
  },
  onText(text) {
    const message = parse(text);
    if (message) happen({ type: "server", message });
  },
});

let state = initial;
let fading = 0;
let keeping = 0;

/** The one place where the state changes. */
function happen(event) {
  const before = state;
  const [next, wishes] = handle(before, event);
  state = next;
  if (state !== before) {
    draw(state, before, { autoScroll: config.auto_scroll });
    if (state.turns !== before.turns) keepMessages();
    if (state.interim !== before.interim) fadeLater();
  }
  for (const wish of wishes) fulfil[wish.do](wish);
}

const fulfil = {
  "play-piece": ({ reply, base64 }) => play(() => speaker.playPiece(reply, base64)),
  "play-phrase": ({ reply, base64 }) => play(() => speaker.playPhrase(reply, base64)),
  hush: () => speaker.flush(),
  send: ({ message }) => socket.send(message),
  // A voice that speaks and a screen reader that reads the same would talk over each other.
  announce: ({ text }) => isAudible() || announce(text),
};

const isAudible = () => config.enable_audio && preferences.volume > 0;

async function play(sound) {
  if (!config.enable_audio) return;
  try {
    await sound();
  } catch (error) {
    console.warn("No sound:", error);
    const problem = problems.obstacle(window) ?? problems.NO_OUTPUT;
    if (state.problem === null) happen({ type: "problem", problem });
  }
}

/** Soon, not at every word; and at the latest when the page goes away. */
function keepMessages() {
  keeping ||= setTimeout(keepNow, KEEP_AFTER_MS);
}

function keepNow() {
  clearTimeout(keeping);
  keeping = 0;
  saveMessages(state.turns, config.save_chat_history ? config.max_chat_history : 0);
}

function fadeLater() {
  clearTimeout(fading);
  if (state.interim) fading = setTimeout(() => happen({ type: "faded" }), INTERIM_LASTS_MS);
}

// ------------------------------------------------------------ talking

async function talk() {
  const problem = problems.obstacle(window);
  if (problem) return happen({ type: "problem", problem });
  happen({ type: "mic", mic: "asking" });
  play(() => speaker.open());
  const onGone = () => endTalk(problems.MICROPHONE_GONE);
  const onFrame = listenToFrames();
  try {
    if (!(await microphone.start({ frameSamples: config.chunk_size, onFrame, onGone }))) return;
    happen({ type: "mic", mic: "on" });
    announce("Listening. Speak when you like.");
    keepAwake();
  } catch (error) {
    endTalk(problems.microphoneProblem(error));
  }
}

function endTalk(problem = null) {
  microphone.stop();
  letSleep();
  meter.show("microphone", 0);
  if (state.mic === "on") announce("The microphone is off.");
  happen({ type: "mic", mic: "off" });
  if (problem) happen({ type: "problem", problem });
}

/** Frames go to the server; one that gives nothing but zeros from the start is worth a word. */
function listenToFrames() {
  const beganAt = performance.now();
  let isNew = true;
  return (pcm, level) => {
    socket.sendSound(pcm);
    meter.show("microphone", state.muted ? 0 : level);
    if (!isNew || state.muted) return;
    const isSilent = level === 0;
    isNew = isSilent && performance.now() - beganAt < SILENT_FRAMES_MS;
    if (isSilent && !isNew) happen({ type: "problem", problem: problems.MICROPHONE_SILENT });
  };
}

function stopReply() {
  if (canStop(state)) happen({ type: "stopped" });
}

// ------------------------------------------------------------ what people do

element("talk").addEventListener("click", () => (state.mic === "off" ? talk() : endTalk()));
element("stop").addEventListener("click", stopReply);
element("mute").addEventListener("click", () => {
  microphone.mute(!state.muted);
  happen({ type: "muted", muted: !state.muted });
});
element("problem-retry").addEventListener("click", talk);
element("problem-dismiss").addEventListener("click", () => {
  happen({ type: "problem", problem: null });
});
element("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = element("message").value.trim();
  if (!text || state.link !== "open") return;
  element("message").value = "";
  play(() => speaker.open());
  happen({ type: "typed", text });
});
element("afresh").addEventListener("click", () => {
  element("settings").close();
  happen({ type: "cleared" });
  socket.open();
});
addEventListener("pagehide", keepNow);
document.addEventListener("keydown", ({ key }) => {
  if (key === "Escape" && !element("settings").open) stopReply();
});

if (config.save_chat_history) {
  happen({ type: "restored", turns: loadMessages(config.max_chat_history) });
}
socket.open();
