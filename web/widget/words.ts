import { talk as de } from "../src/messages/talk/de.ts";
import type { Talk } from "../src/messages/talk/en.ts";
import { talk as en } from "../src/messages/talk/en.ts";
import { talk as fr } from "../src/messages/talk/fr.ts";
import type { Tongue } from "../src/messages/tongues.ts";

export const WORDS: Record<Tongue, Talk> = { en, de, fr };
