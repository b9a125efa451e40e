// The settings that the server gives its pages (`GET /config`), read with care.

export interface Choice {
  value: string;
  label: string;
  /** The voice of a persona, or the language of a voice, where it is known. */
  voice?: string;
  language?: string;
}

export interface Config {
  websocketUrl: string;
  defaultVolume: number;
  autoScroll: boolean;
  saveHistory: boolean;
  historyLimit: number;
  /** The longest message that is taken. */
  longestMessage: number;
  /** Samples at 16 kHz in each piece of sound that we send. */
  chunkSamples: number;
  /** Phrases that may wait in the page to be played. */
  phrasesAhead: number;
  enableAudio: boolean;
  /** Samples at 24 kHz that are gathered before playing begins. */
  gatherSamples: number;
  outputRateHz: number;
  personas: Choice[];
  voices: Choice[];
  languages: Choice[];
  defaultVoice: string;
  defaultSpeed: number;
  /** The language where none is chosen; "" where the server doesn't say. */
  defaultLanguage: string;
  /** Days after which the server forgets, 0 for never; null where it doesn't say. */
  retentionDays: number | null;
  recordsSound: boolean;
  engines: Record<string, string>;
}

/** Every setting, whatever was sent: what is missing or makes no sense has a sensible value. */
export function readConfig(sent: unknown): Config {
  const said: Record<string, unknown> =
    typeof sent === "object" && sent !== null ? (sent as Record<string, unknown>) : {};
  return {
    websocketUrl: textIn(said.websocket_url),
    defaultVolume: numberIn(said.default_volume, 0, 1, 0.8),
    autoScroll: flagIn(said.auto_scroll, true),
    saveHistory: flagIn(said.save_chat_history, false),
    historyLimit: numberIn(said.max_chat_history, 0, 10_000, 100),
    longestMessage: numberIn(said.max_text_chars, 1, 100_000, 4_000),
    chunkSamples: Math.round(numberIn(said.chunk_size, 128, 16_384, 320)),
    phrasesAhead: numberIn(said.max_queue_size, 1, 1_000, 10),
    enableAudio: flagIn(said.enable_audio, true),
    gatherSamples: numberIn(said.audio_buffer_size, 0, 240_000, 2_048),
    outputRateHz: numberIn(said.tts_sample_rate, 8_000, 48_000, 24_000),
    personas: choicesIn(said.personas),
    voices: choicesIn(said.voices).map((voice) => ({ ...voice, label: nameOf(voice.label) })),
    languages: choicesIn(said.languages),
    defaultVoice: textIn(said.default_voice),
    defaultSpeed: numberIn(said.default_speed, 0.1, 2, 1),
    defaultLanguage: textIn(said.default_language),
    retentionDays: numberIn(said.retention_days, 0, Number.MAX_SAFE_INTEGER, null),
    recordsSound: flagIn(said.records_sound, false),
    engines: namesIn(said.engines),
  };
}

/** The language that is meant where none is chosen: the persona's, or the server's own. */
export function usualLanguage(config: Config, { persona }: { persona?: string }): string {
  const chosen = config.personas.find(({ value }) => value === persona);
  return chosen?.language ?? config.defaultLanguage;
}

/** The server's settings; "locked" when it asks for a key, and null when it cannot be reached. */
export async function fetchConfig(
  url = "/config",
  shown: Record<string, string> = {},
): Promise<Config | "locked" | null> {
  try {
    const answer = await fetch(url, { headers: { accept: "application/json", ...shown } });
    if (answer.status === 401) return "locked";
    return answer.ok ? readConfig(await answer.json()) : null;
  } catch {
    return null;
  }
}

const textIn = (value: unknown) => (typeof value === "string" ? value : "");
const flagIn = (value: unknown, otherwise: boolean) =>
  typeof value === "boolean" ? value : otherwise;
const numberIn = <Otherwise>(value: unknown, low: number, high: number, otherwise: Otherwise) =>
  typeof value === "number" && value >= low && value <= high ? value : otherwise;

/** A list of names, or of things that have one. */
function choicesIn(sent: unknown): Choice[] {
  return Array.isArray(sent) ? sent.map(choiceOf).filter(({ value }) => value !== "") : [];
}

function choiceOf(item: unknown): Choice {
  if (typeof item === "string") return { value: item, label: item };
  const { key, code, name, label, voice, language } = (item ?? {}) as Record<string, unknown>;
  const value = textIn(key) || textIn(code) || textIn(name);
  const choice: Choice = { value, label: textIn(label) || textIn(name) || value };
  if (textIn(voice)) choice.voice = textIn(voice);
  if (textIn(language)) choice.language = textIn(language);
  return choice;
}

/** Many voices are called like "af_heart", two letters for what they are and then a name. */
function nameOf(voice: string): string {
  const [, name] = /^[a-z]{2}_(\p{L}+)$/u.exec(voice) ?? [];
  return name === undefined ? voice : name.charAt(0).toUpperCase() + name.slice(1);
}

function namesIn(sent: unknown): Record<string, string> {
  if (typeof sent !== "object" || sent === null) return {};
  const named = Object.entries(sent).filter(([, name]) => typeof name === "string");
  return Object.fromEntries(named) as Record<string, string>;
}
