// The settings the server gives its pages (GET /config), read with care.

import { fetchWithKey } from "./key.js";

const numberIn = (low, high, otherwise) => (value) =>
  typeof value === "number" && value >= low && value <= high ? value : otherwise;
const flag = (otherwise) => (value) => (typeof value === "boolean" ? value : otherwise);

const SETTINGS = {
  websocket_url: (value) => (typeof value === "string" ? value : ""),
  default_volume: numberIn(0, 1, 0.8),
  enable_audio: flag(true),
  auto_scroll: flag(true),
  save_chat_history: flag(false),
  max_chat_history: numberIn(0, 10_000, 100),
  chunk_size: numberIn(128, 16_384, 320),
  max_queue_size: numberIn(1, 1_000, 10),
  audio_buffer_size: numberIn(0, 240_000, 2_048),
  tts_sample_rate: numberIn(8_000, 48_000, 24_000),
  personas: choicesIn,
  voices: choicesIn,
  languages: choicesIn,
};

/** Every setting, whatever was sent: what is missing or makes no sense has a sensible value. */
export function readConfig(sent) {
  const known = Object.entries(SETTINGS).map(([name, read]) => [name, read(sent?.[name])]);
  return Object.fromEntries(known);
}

export async function fetchConfig() {
  try {
    const answer = await fetchWithKey("/config");
    return readConfig(answer.ok ? await answer.json() : {});
  } catch {
    return readConfig({}); // the socket will tell the user that the server is away
  }
}

/** A list of names, or of things that have one, as [{value, label}]. */
function choicesIn(sent) {
  if (!Array.isArray(sent)) return [];
  return sent.map(choiceOf).filter(({ value }) => typeof value === "string" && value !== "");
}

function choiceOf(item) {
  if (typeof item === "string") return { value: item, label: item };
  const value = item?.key ?? item?.id ?? item?.code ?? item?.name;
  // Of voices there are many; a persona is known by name.
  const language = item?.key === undefined ? item?.language : undefined;
  const label = [item?.name ?? item?.label ?? value, language].filter(Boolean).join(", ");
  return { value, label };
}
