// What was found, as a text that can be sent to somebody who helps: no secret in it, and of what
// was said only the length, unless the user wants otherwise.

import type { Config, Noted, State } from "../../../client/index.ts";

/** What a section of the page found, by the section's name. */
export type Findings = Readonly<Record<string, unknown>>;

interface Told {
  findings: Findings;
  state: State;
  config: Config;
  noted: readonly Noted[];
  withSpeech: boolean;
}

export function reportOf({ findings, state, config, noted, withSpeech }: Told): string {
  const { link, sessionId, roundTripMs, call, talkMode, audible, problem } = state;
  const report = {
    written: new Date().toISOString(),
    page: withoutSecrets(location.href),
    browser: navigator.userAgent,
    languages: navigator.languages,
    server: {
      socket: withoutSecrets(config.websocketUrl),
      engines: config.engines,
      link,
      session: sessionId,
      round_trip_ms: roundTripMs,
    },
    call: { call, talk_mode: talkMode, audible, problem: problem?.code ?? null },
    ...findings,
    messages: noted.map((one) => lineOf(one, withSpeech)),
  };
  return JSON.stringify(report, null, 2);
}

/** One message, or a run of sound, in a line. */
export function lineOf(noted: Noted, withSpeech: boolean): string {
  const { way, at, text, frames, bytes } = noted;
  const arrow = way === "in" ? "<" : ">";
  const what = text === null ? `sound ×${frames}, ${bytes} bytes` : text;
  const shown = text === null || withSpeech ? what : withoutSpeech(text);
  return `${(at / 1_000).toFixed(3)} ${arrow} ${shown}`;
}

/** Fields whose words are the protocol's own and never anybody's speech. */
const HARMLESS = new Set([
  "type",
  "event",
  "stage",
  "code",
  "turn_id",
  "session_id",
  "persona",
  "voice",
  "language",
]);
/** Messages all of whose words are the server's own. */
const SERVERS_OWN = new Set(["status", "error", "pong"]);

export function withoutSpeech(text: string): string {
  try {
    const message = JSON.parse(text);
    const isServersOwn = SERVERS_OWN.has(message?.type) && !("heard" in message);
    return isServersOwn ? text : JSON.stringify(hidden(message));
  } catch {
    return `(${text.length} characters)`; // a message that was too long to be kept whole
  }
}

function hidden(value: unknown, key = ""): unknown {
  if (typeof value === "string") return HARMLESS.has(key) ? value : `(${value.length} characters)`;
  if (Array.isArray(value)) return value.map((one) => hidden(one));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, hidden(one, name)]));
}

/** An address without what may be a password or a token. */
export function withoutSecrets(address: string): string {
  if (!URL.canParse(address)) return address;
  const url = new URL(address);
  url.username = url.password = url.search = "";
  return url.href;
}
