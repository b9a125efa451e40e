// Everything that can happen, as facts: what the server said, what people did, what devices report.

import type { Told } from "./protocol.ts";
import type { Call, Item, Link, Problem, TalkMode } from "./state.ts";

/** `at` is a moment on the page's clock, in milliseconds. */
export type Event =
  // the server and the way to it
  | { type: "told"; told: Told; at: number }
  | { type: "link"; link: Link }
  | { type: "ponged"; roundTripMs: number }
  // people
  | { type: "call"; call: Call; at: number }
  | { type: "typed"; text: string; at: number }
  | { type: "stopped"; at: number }
  | { type: "muted"; muted: boolean }
  | { type: "held"; held: boolean }
  | { type: "persona"; persona: string }
  | { type: "talk-mode"; mode: TalkMode }
  | { type: "dismissed" }
  | { type: "forgotten" }
  | { type: "cleared" }
  // devices
  | { type: "level"; level: number; at: number }
  | { type: "queued"; reply: number; text: string | null; startMs: number; endMs: number | null }
  | { type: "played"; reply: number; ms: number; at: number }
  | { type: "sounding"; reply: number; at: number }
  | { type: "audible"; audible: boolean }
  | { type: "problem"; problem: Problem }
  // the page's own
  | { type: "interim-faded" }
  | { type: "restored"; items: readonly Item[] };
