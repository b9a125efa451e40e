// Tells the service worker what was built: it keeps the code and the styles from the start, and
// fonts as they are used.

import { createHash } from "node:crypto";
import type { Plugin } from "vite";

export const SERVICE_WORKER = "sw.js";

const KEPT = /^assets\/.*\.(js|css)$/;

export function serviceWorker(): Plugin {
  return {
    name: "service-worker",
    enforce: "post",
    generateBundle(_, bundle) {
      const worker = bundle[SERVICE_WORKER];
      if (worker?.type !== "chunk") return;
      const files = [
        "./",
        ...Object.keys(bundle)
          .filter((name) => KEPT.test(name))
          .sort(),
      ];
      const version = createHash("sha256").update(files.join()).digest("hex").slice(0, 12);
      worker.code = worker.code
        .replace(/"__FILES__"|`__FILES__`/, JSON.stringify(JSON.stringify(files)))
        .replace("__VERSION__", version);
    },
  };
}
