// Every word of the page. Another language is another file like this one.

import type { Presence, ProblemCode, Stage } from "../../client/index.ts";

export interface Messages {
  /** The language's own name. */
  name: string;
  presence: Record<Presence, string>;
  mayInterrupt: string;
  link: { open: string; connecting: string; waiting: string; closed: string };
  roundTrip: (ms: number) => string;
  you: string;
  assistant: string;
  /** Names of the page's two regions. */
  conversation: string;
  talking: string;
  welcome: {
    title: string;
    /** Blanks: {persona} {voice} {speed} {language}. */
    casting: string;
    hint: string;
  };
  usual: { persona: string; voice: string; language: string };
  /** By speed: 0.75, 1, 1.25, 1.5. */
  paces: Record<string, string>;
  start: string;
  end: string;
  stop: string;
  mute: string;
  unmute: string;
  muted: string;
  hold: string;
  handsFree: string;
  push: string;
  talkMode: string;
  volume: string;
  composer: { label: string; placeholder: string; send: string };
  keys: { talk: string; stop: string; mute: string; write: string };
  elapsed: string;
  sure: (percent: number) => string;
  cut: string;
  cutUnheard: string;
  lost: string;
  notes: { "new-session": string; persona: string; earlier: string };
  problems: Record<Exclude<ProblemCode, "server">, string>;
  ways: { retry: string; devices: string; write: string; dismiss: string };
  settings: {
    title: string;
    open: string;
    done: string;
    who: string;
    sound: string;
    page: string;
    persona: string;
    voice: string;
    speed: string;
    language: string;
    microphone: string;
    speaker: string;
    level: string;
    usualDevice: string;
    unnamed: string;
    tongue: string;
    theme: string;
    themes: { auto: string; light: string; dark: string };
    anew: string;
    anewHint: string;
  };
  trace: {
    open: string;
    title: string;
    close: string;
    save: string;
    empty: string;
    gaps: string;
    half: string;
    most: string;
    turns: string;
    turnTook: (seconds: string) => string;
    turn: string;
    gap: string;
    silent: string;
    caption: string;
    stage: string;
    server: string;
    page: string;
    ms: (ms: number | null) => string;
    stages: Record<Stage, string>;
    why: (stage: string, ms: number, ofMs: number) => string;
    legend: string;
    interrupted: string;
    events: (count: number) => string;
  };
  announce: { listening: string; off: string };
  unreachable: string;
  history: {
    title: string;
    reading: string;
    invitation: string;
    search: string;
    found: (count: number) => string;
    here: string;
    hereHint: string;
    nothing: string;
    more: string;
    goesOn: string;
    turns: (count: number) => string;
    /** Names of the ways to talk, where they are worth a word. */
    interfaces: Record<string, string>;
    back: string;
    asText: string;
    asJson: string;
    forget: string;
    keep: string;
    sure: string;
    unheard: (words: string) => string;
    clear: string;
    cleared: string;
    bringBack: string;
    kept: (count: number, limit: number) => string;
    keptNot: string;
  };
  views: { label: string; call: string; history: string; check: string };
  inCall: { back: string };
  reload: string;
  partFailed: string;
  skip: string;
}

export const en: Messages = {
  name: "English",
  presence: {
    connecting: "Connecting",
    waiting: "Not connected. Trying again",
    asking: "Allow the microphone in your browser",
    hearing: "Hearing you",
    speaking: "Speaking",
    thinking: "Thinking",
    muted: "Your microphone is off",
    push: "Hold to talk",
    listening: "Listening",
    ready: "Ready when you are",
  },
  mayInterrupt: "just talk to interrupt",
  link: {
    open: "Connected",
    connecting: "Connecting",
    waiting: "Not connected",
    closed: "Not connected",
  },
  roundTrip: (ms) => `${ms} ms`,
  you: "You",
  assistant: "Repartee",
  conversation: "Conversation",
  talking: "Talking",
  welcome: {
    title: "Say something.",
    casting: "Talk with {persona} in {language}, {speed}. Voice: {voice}.",
    hint: "There is nothing to hold down. To interrupt, just speak.",
  },
  usual: { persona: "Repartee", voice: "its own", language: "the usual language" },
  paces: {
    "0.75": "slowly",
    "1": "at a natural pace",
    "1.25": "briskly",
    "1.5": "fast",
  },
  start: "Start talking",
  end: "End",
  stop: "Stop",
  mute: "Mute",
  unmute: "Unmute",
  muted: "Muted",
  hold: "Hold to talk",
  handsFree: "Hands-free",
  push: "Push to talk",
  talkMode: "How to talk",
  volume: "Volume",
  composer: { label: "Message", placeholder: "Or write something", send: "Send" },
  keys: { talk: "hold to talk", stop: "stop", mute: "mute", write: "write" },
  elapsed: "Elapsed time",
  sure: (percent) => `${percent} % sure`,
  cut: "interrupted",
  cutUnheard: "interrupted before it was heard",
  lost: "broken off",
  notes: {
    "new-session": "A new connection begins here. What was said above is no longer remembered.",
    persona: "Somebody else takes over, and knows nothing of this.",
    earlier: "That was earlier. A new conversation begins here.",
  },
  problems: {
    insecure:
      "The browser keeps the microphone from a page that comes over plain http from another machine. Open it over https, or on the server's own machine as localhost. You can write here, and read.",
    unsupported:
      "This browser can't let a page listen and speak. A current Firefox, Chrome, Edge or Safari can. You can write here, and read.",
    "mic-blocked":
      "The microphone is blocked for this page. Allow it with the sign beside the address, then try again.",
    "mic-missing": "No microphone was found. Plug one in or switch it on, then try again.",
    "mic-busy":
      "Another program has taken the microphone. Close that program or choose another microphone.",
    "mic-failed": "The microphone could not be opened. Try again, or choose another one.",
    "mic-gone": "The microphone went away. Plug it in again, or choose another one.",
    "mic-silent":
      "The microphone gives no sound at all. It may be switched off, or the wrong one is chosen.",
    "device-gone": "The device you had chosen is not there. The usual one is used instead.",
    "output-failed":
      "The browser could not open its sound output, so replies can only be read. Check the loudspeaker, then reload the page.",
  },
  ways: { retry: "Try again", devices: "Choose devices", write: "Write instead", dismiss: "Close" },
  settings: {
    title: "Settings",
    open: "Settings",
    done: "Done",
    who: "Who speaks",
    sound: "Sound",
    page: "This page",
    persona: "Persona",
    voice: "Voice",
    speed: "Speed",
    language: "Language",
    microphone: "Microphone",
    speaker: "Loudspeaker",
    level: "Microphone level",
    usualDevice: "The usual one",
    unnamed: "Devices have names here once the microphone was allowed.",
    tongue: "Language of this page",
    theme: "Appearance",
    themes: { auto: "As the system", light: "Light", dark: "Dark" },
    anew: "New conversation",
    anewHint: "Clears what was said here, and the server's memory of it.",
  },
  trace: {
    open: "Trace",
    title: "Where the time went",
    close: "Close the trace",
    save: "Save as JSON",
    empty: "After your first turn, this shows what happened between your last word and the answer.",
    gaps: "All turns",
    half: "Half within",
    most: "Nearly all within",
    turns: "Turns",
    turnTook: (seconds) => `A turn answered after ${seconds}`,
    turn: "One turn",
    gap: "from your last word to its first sound",
    silent: "nothing was heard of this one",
    caption: "What the turn waited for, in milliseconds since your last word",
    stage: "Stage",
    server: "Server",
    page: "Page",
    ms: (ms) => (ms === null ? "–" : `${Math.round(ms)} ms`),
    stages: {
      stt_done: "Understanding the last words",
      decided: "Making sure you had finished",
      llm_first_token: "Finding the first word",
      tts_first_chunk: "Voicing the first phrase",
      first_sound_sent: "Sending it",
      first_sound_played: "Until you heard it",
    },
    why: (stage, ms, ofMs) => `Most of it was “${stage}”: ${ms} of ${ofMs} ms.`,
    legend: "Solid is what was waited for, hatched what was done meanwhile.",
    interrupted: "You interrupted this one.",
    events: (count) => `All ${count} events`,
  },
  announce: { listening: "Listening. Speak when you like.", off: "The microphone is off." },
  unreachable: "The server can't be reached. Trying again.",
  history: {
    title: "Earlier",
    reading: "One conversation",
    invitation: "Choose a conversation to read it.",
    search: "Search what was said",
    found: (count) =>
      count === 0
        ? "Nothing was found."
        : count === 1
          ? "One conversation was found."
          : `${count} conversations were found.`,
    here: "In this browser",
    hereHint: "What comes back when the page is opened again",
    nothing: "Nothing has been said on this server yet.",
    more: "Show more",
    goesOn: "goes on",
    turns: (count) => (count === 1 ? "1 turn" : `${count} turns`),
    interfaces: { ws: "", call: "push to talk", sse: "upload", rest: "message" },
    back: "← All conversations",
    asText: "Save as text",
    asJson: "Save as JSON",
    forget: "Delete",
    keep: "Keep it",
    sure: "Delete this conversation? The server forgets it for good.",
    unheard: (words) => `not heard: ${words}`,
    clear: "Clear",
    cleared: "Cleared.",
    bringBack: "Bring it back",
    kept: (count, limit) =>
      `${count} of at most ${limit} pieces are kept in this browser, the oldest going first.`,
    keptNot: "This server asks its pages to keep nothing. What you see goes when you close the page.",
  },
  views: { label: "Views", call: "Call", history: "Earlier", check: "Check" },
  inCall: { back: "Back to the call" },
  reload: "Reload the page",
  partFailed: "This part of the page could not be loaded.",
  skip: "Skip to the message field",
};
