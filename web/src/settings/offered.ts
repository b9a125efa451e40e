import type { Choice, Choices, Config } from "../../client/index.ts";

/** Without what this server does not offer: it may be another one than last time. */
export function offered(choices: Choices, config: Config): Choices {
  const kept: Choices = {};
  const has = (list: Choice[], value: string) => list.some((one) => one.value === value);
  const { persona, voice, language, speed } = choices;
  if (persona !== undefined && has(config.personas, persona)) kept.persona = persona;
  if (voice !== undefined && has(config.voices, voice)) kept.voice = voice;
  if (language !== undefined && has(config.languages, language)) kept.language = language;
  if (speed !== undefined) kept.speed = speed;
  return kept;
}
