// What this browser remembers: the last that was said, if the server wants it kept, and the choices.

import { replyItem } from "./items.ts";
import type { Choices } from "./protocol.ts";
import type { Item, TalkMode } from "./state.ts";

const SAID = "repartee.said";
const PREFERENCES = "repartee.preferences";

export interface Preferences {
  choices: Choices;
  volume?: number;
  talkMode?: TalkMode;
  microphone?: string;
  speaker?: string;
  tongue?: string;
  /** The trace is shown beside the call. */
  trace?: boolean;
  theme?: "light" | "dark" | undefined;
}

/** The kept items, the newest last; whatever is spoilt is left out. */
export function loadItems(limit: number): Item[] {
  const found = read(SAID);
  if (!Array.isArray(found) || limit === 0) return [];
  return found.flatMap(itemOf).slice(-limit);
}

export function saveItems(items: readonly Item[], limit: number): void {
  const said = items.flatMap(plain);
  write(SAID, limit > 0 ? said.slice(-limit) : []);
}

export function loadPreferences(): Preferences {
  const found = read(PREFERENCES) as Partial<Record<keyof Preferences, unknown>> | null;
  if (typeof found !== "object" || found === null) return { choices: {} };
  const known: Preferences = { choices: choicesOf(found.choices) };
  if (typeof found.volume === "number" && found.volume >= 0 && found.volume <= 1) {
    known.volume = found.volume;
  }
  if (found.talkMode === "push" || found.talkMode === "hands-free") known.talkMode = found.talkMode;
  if (typeof found.trace === "boolean") known.trace = found.trace;
  if (found.theme === "light" || found.theme === "dark") known.theme = found.theme;
  for (const name of ["microphone", "speaker", "tongue"] as const) {
    const value = found[name];
    if (typeof value === "string") known[name] = value;
  }
  return known;
}

export const savePreferences = (preferences: Preferences) => write(PREFERENCES, preferences);

function choicesOf(found: unknown): Choices {
  if (typeof found !== "object" || found === null) return {};
  const said = found as Record<string, unknown>;
  const choices: Choices = {};
  for (const name of ["persona", "voice", "language"] as const) {
    const value = said[name];
    if (typeof value === "string" && value) choices[name] = value;
  }
  if (typeof said.speed === "number" && said.speed > 0 && said.speed <= 2) {
    choices.speed = said.speed;
  }
  return choices;
}

interface Kept {
  who: "user" | "reply";
  text: string;
  /** So much of a reply that was cut off had been heard. */
  heard?: number;
}

function plain(item: Item): Kept[] {
  if (item.kind === "note" || !item.text) return [];
  const { kind: who, text } = item;
  const isCut = item.kind === "reply" && item.status === "interrupted";
  return [isCut ? { who, text, heard: item.heard } : { who, text }];
}

function itemOf(found: Partial<Kept> | null, index: number): Item[] {
  if (typeof found?.text !== "string") return [];
  const { who, text, heard } = found;
  const id = index + 1;
  if (who === "user") return [{ kind: "user", id, text, typed: false, confidence: null }];
  if (who !== "reply") return [];
  const isCut = typeof heard === "number" && heard >= 0 && heard <= text.length;
  const status = isCut ? "interrupted" : "complete";
  return [{ ...replyItem(0, text, {}), id, heard: isCut ? heard : text.length, status }];
}

function read(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null; // storage refused or spoilt: there is simply nothing remembered
  }
}

function write(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Private windows and full disks refuse; the conversation goes on without a memory.
  }
}
