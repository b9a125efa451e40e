// Puts the licences of everything that the page contains beside it, as those licences ask.

import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

export function licences(): Plugin {
  return {
    name: "licences",
    generateBundle() {
      const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
      const texts = Object.keys(dependencies).map(
        (name) => `${name}\n\n${readFileSync(`node_modules/${name}/LICENSE`, "utf8").trim()}\n`,
      );
      this.emitFile({
        type: "asset",
        fileName: "licences.txt",
        source: texts.join(`\n${"-".repeat(72)}\n\n`),
      });
    },
  };
}
