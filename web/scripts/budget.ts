// Fails the build when a first visit would load more code than it may.

import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const BYTES_AT_MOST = 150_000;

interface Chunk {
  type: "chunk";
  code: string;
  imports: string[];
}

export type Bundle = Record<string, Chunk | { type: "asset" }>;

/** The gzipped size of a file and of everything that it can't begin without. */
export function firstLoad(bundle: Bundle, entry: string): number {
  const wanted = new Set([entry]);
  let bytes = 0;
  for (const name of wanted) {
    const file = bundle[name];
    if (file?.type !== "chunk") continue;
    for (const other of file.imports) wanted.add(other);
    bytes += gzipSync(file.code).length;
  }
  return bytes;
}

export function budget(): Plugin {
  return {
    name: "budget",
    enforce: "post",
    generateBundle(_, bundle) {
      const entry = Object.values(bundle).find(
        (file) => file.type === "chunk" && file.isEntry && file.name === "index",
      );
      if (entry === undefined) return; // not the page
      const bytes = firstLoad(bundle as Bundle, entry.fileName);
      if (bytes > BYTES_AT_MOST) {
        this.error(
          `A first visit would load ${bytes} bytes of code; ${BYTES_AT_MOST} are allowed.`,
        );
      }
    },
  };
}
