export const TONGUES = { en: "English", de: "Deutsch", fr: "Français" } as const;
export type Tongue = keyof typeof TONGUES;

/** The user's choice, or the first of the browser's languages that is spoken here. */
export function tongueOf(chosen: string | undefined, browser: readonly string[]): Tongue {
  const wanted = [chosen ?? "", ...browser].map((code) => code.slice(0, 2).toLowerCase());
  return (wanted.find((code) => Object.hasOwn(TONGUES, code)) as Tongue | undefined) ?? "en";
}
