// A conversation as plain text: who said what, and where a reply was cut off.

import type { Item } from "../../../client/index.ts";
import { brokenOff } from "../call/brokenOff.ts";

export interface Names {
  you: string;
  /** Who answered, by the key of its persona. */
  it: (persona: string) => string;
  unheard: (words: string) => string;
}

export function scriptText(title: string, items: readonly Item[], names: Names): string {
  const lines = items.flatMap((item) => {
    if (item.kind === "note" || item.text === "") return [];
    if (item.kind === "user") return [`${names.you}: ${item.text}`];
    const heard = brokenOff(item.text.slice(0, item.heard));
    const rest = item.text.slice(item.heard).trim();
    const isCut = item.status === "interrupted" && rest !== "";
    const words = isCut ? [heard, `[${names.unheard(rest)}]`] : [item.text];
    return [`${names.it(item.persona)}: ${words.filter(Boolean).join(" ")}`];
  });
  return `${[title, "", ...lines].join("\n")}\n`;
}
