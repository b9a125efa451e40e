// The widget: one classic script, for pages that know nothing of modules or of us.

import { defineConfig } from "vite";
import { target } from "./vite.config.ts";

export default defineConfig({
  base: "./",
  build: {
    ...target,
    emptyOutDir: false,
    copyPublicDir: false,
    lib: {
      entry: "widget/widget.ts",
      formats: ["iife"],
      name: "Repartee",
      fileName: () => "widget.js",
    },
  },
  worker: { format: "es" },
});
