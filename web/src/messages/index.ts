// Which language the page speaks; all but English are loaded when they are wanted.

import { en } from "./en.ts";
import type { Messages } from "./shape.ts";
import type { Tongue } from "./tongues.ts";

export { TONGUES, type Tongue, tongueOf } from "./tongues.ts";
export type { Messages };
export { en };

const loaders: Record<Tongue, () => Promise<Messages>> = {
  en: async () => en,
  de: async () => (await import("./de.ts")).de,
  fr: async () => (await import("./fr.ts")).fr,
};

export const loadMessages = (tongue: Tongue) => loaders[tongue]();
