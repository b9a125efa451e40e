// Every word of the page. Another language is another file like this one.

import type { Stage, Way } from "../../client/index.ts";
import type { Heard } from "../views/check/listening.ts";
import type { PageAbility } from "../views/check/support.ts";
import { type Talk, talk } from "./talk/en.ts";

export interface Messages extends Talk {
  /** The language's own name. */
  name: string;
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
  keys: { talk: string; stop: string; mute: string; trace: string; write: string };
  elapsed: string;
  sure: (percent: number) => string;
  cut: string;
  cutUnheard: string;
  lost: string;
  notes: { "new-session": string; persona: string; earlier: string };
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
    forgotten: string;
    gone: string;
    unheard: (words: string) => string;
    clear: string;
    cleared: string;
    bringBack: string;
    kept: (count: number, limit: number) => string;
    keptNot: string;
  };
  check: {
    title: string;
    lead: string;
    connection: string;
    connectionHint: (pings: number) => string;
    measure: string;
    running: string;
    opened: string;
    usual: string;
    fastest: string;
    slowest: string;
    microphone: string;
    microphoneHint: (seconds: number) => string;
    record: string;
    speakNow: string;
    playBack: string;
    playing: string;
    verdicts: Record<Heard["verdict"], string>;
    peak: string;
    floor: string;
    loudspeaker: string;
    loudspeakerHint: string;
    left: string;
    both: string;
    right: string;
    rate: string;
    channels: string;
    delay: string;
    browser: string;
    canDo: string;
    abilities: Record<PageAbility, string>;
    records: string;
    plays: string;
    yes: string;
    no: string;
    messages: string;
    messagesHint: string;
    ways: Record<Way, string>;
    sound: (frames: number, kilobytes: number) => string;
    pause: string;
    goOn: string;
    clear: string;
    report: string;
    reportHint: string;
    withSpeech: string;
    write: string;
    writeAgain: string;
    copy: string;
    copied: string;
    save: string;
  };
  views: { label: string; call: string; history: string; check: string };
  inCall: { back: string };
  reload: string;
  partFailed: string;
  skip: string;
}

export const en: Messages = {
  ...talk,
  name: "English",
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
  keys: { talk: "hold to talk", stop: "stop", mute: "mute", trace: "trace", write: "write" },
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
      tts_first_chunk: "Writing and voicing the first phrase",
      first_sound_sent: "Sending it",
      first_sound_played: "Until you heard it",
    },
    why: (stage, ms, ofMs) => `Most of it was “${stage}”: ${ms} of ${ofMs} ms.`,
    legend: "Solid is what was waited for, hatched what was done meanwhile.",
    interrupted: "You interrupted this one.",
    events: (count) => `All ${count} events`,
  },
  announce: { listening: "Listening. Speak when you like.", off: "The microphone is off." },
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
    interfaces: { ws: "", call: "push to talk", upload: "recording", messages: "message" },
    back: "← All conversations",
    asText: "Save as text",
    asJson: "Save as JSON",
    forget: "Delete",
    keep: "Keep it",
    sure: "Delete this conversation? The server forgets it for good.",
    forgotten: "Deleted.",
    gone: "This conversation is not here any more.",
    unheard: (words) => `not heard: ${words}`,
    clear: "Clear",
    cleared: "Cleared.",
    bringBack: "Bring it back",
    kept: (count, limit) =>
      `${count} of at most ${limit} pieces are kept in this browser, the oldest going first.`,
    keptNot:
      "This server asks its pages to keep nothing. What you see goes when you close the page.",
  },
  check: {
    title: "Does it work?",
    lead: "Each part of a call can be tried alone here. Nothing is sent anywhere but to this server.",
    connection: "Connection",
    connectionHint: (pings) => `Sends ${pings} short messages to the server and waits for each.`,
    measure: "Measure",
    running: "Measuring",
    opened: "To connect",
    usual: "Usually",
    fastest: "Fastest",
    slowest: "Slowest",
    microphone: "Microphone",
    microphoneHint: (seconds) =>
      `Records ${seconds} seconds in this page and plays them back: what you hear then is what the server would.`,
    record: "Record",
    speakNow: "Speak now",
    playBack: "Play it back",
    playing: "Playing",
    verdicts: {
      silent:
        "There was no sound at all. The microphone may be switched off, or another one is meant.",
      quiet: "That was very quiet. Come closer, or turn the microphone up.",
      loud: "That was too loud and may crackle. Turn the microphone down a little.",
      noisy: "Your voice hardly stood out from the noise around it, or nobody spoke.",
      good: "That is clear enough to be understood.",
    },
    peak: "Loudest",
    floor: "In between",
    loudspeaker: "Loudspeaker",
    loudspeakerHint: "Plays three notes.",
    left: "Left",
    both: "Both sides",
    right: "Right",
    rate: "Rate",
    channels: "Channels",
    delay: "Delay",
    browser: "Browser",
    canDo: "Can do",
    abilities: {
      secure: "Secure address",
      microphone: "Microphone",
      worklets: "Sound without gaps",
      outputs: "Choice of loudspeaker",
      awake: "Keep the screen on",
      codecs: "Compress speech itself",
    },
    records: "Records",
    plays: "Plays",
    yes: "yes:",
    no: "no:",
    messages: "Messages",
    messagesHint:
      "The latest between this page and the server, newest first. Sound is only counted.",
    ways: { in: "from the server", out: "to the server" },
    sound: (frames, kilobytes) => `sound × ${frames}, ${kilobytes} kB`,
    pause: "Pause",
    goOn: "Go on",
    clear: "Clear",
    report: "Report",
    reportHint: "All of the above as a text, for whoever helps you. Read it before you pass it on.",
    withSpeech: "With what was said and answered",
    write: "Write a report",
    writeAgain: "Write it again",
    copy: "Copy",
    copied: "Copied.",
    save: "Save",
  },
  views: { label: "Views", call: "Call", history: "Earlier", check: "Check" },
  inCall: { back: "Back to the call" },
  reload: "Reload the page",
  partFailed: "This part of the page could not be loaded.",
  skip: "Skip to the message field",
};
