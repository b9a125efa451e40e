// Which language the page speaks; all but English are loaded when they are wanted.

import { en, type Messages } from "./en.ts";

export type { Messages };
export { en };

export const TONGUES = { en: "English", de: "Deutsch", fr: "Français" } as const;
export type Tongue = keyof typeof TONGUES;

const loaders: Record<Tongue, () => Promise<Messages>> = {
  en: async () => en,
  de: async () => (await import("./de.ts")).de,
  fr: async () => (await import("./fr.ts")).fr,
};

export const loadMessages = (tongue: Tongue) => loaders[tongue]();

/** The user's choice, or the first of the browser's languages that is spoken here. */
export function tongueOf(chosen: string | undefined, browser: readonly string[]): Tongue {
  const wanted = [chosen ?? "", ...browser].map((code) => code.slice(0, 2).toLowerCase());
  return (wanted.find((code) => Object.hasOwn(TONGUES, code)) as Tongue | undefined) ?? "en";
}
