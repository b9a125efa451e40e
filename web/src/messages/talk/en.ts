// The words that a call can't do without; the widget has only these.

import type { Presence, ProblemCode } from "../../../client/index.ts";

export interface Talk {
  presence: Record<Presence, string>;
  start: string;
  end: string;
  problems: Record<Exclude<ProblemCode, "server">, string>;
  /** The widget does not try again by itself. */
  notThere: string;
  unreachable: string;
}

export const talk: Talk = {
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
  start: "Start talking",
  end: "End",
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
    "mic-paused":
      "The system has taken the microphone, perhaps for a phone call. It goes on by itself when that is over.",
    "mic-silent":
      "The microphone gives no sound at all. It may be switched off, or the wrong one is chosen.",
    "device-gone": "The device that was in use is not there. The usual one is used instead.",
    "output-failed":
      "The browser could not open its sound output, so replies can only be read. Check the loudspeaker, then reload the page.",
  },
  notThere: "The server can't be reached just now. Try again in a moment.",
  unreachable: "The server can't be reached. Trying again.",
};
