import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { budget } from "./scripts/budget.ts";
import { licences } from "./scripts/licences.ts";
import { SERVICE_WORKER, serviceWorker } from "./scripts/service_worker.ts";

// A server to develop against: `npm run dev` passes on to it what the page asks of its own server.
const SERVER = process.env.REPARTEE ?? "http://127.0.0.1:8000";
const proxy = Object.fromEntries(
  ["/config", "/health", "/sessions", "/ws"].map((path) => [
    path,
    { target: SERVER, ws: path === "/ws" },
  ]),
);

export const target = {
  outDir: process.env.OUT_DIR ?? "../src/repartee/server/web",
  target: "es2022",
  // No data: addresses, so that a strict content policy holds.
  assetsInlineLimit: 0,
};

export default defineConfig({
  // Relative, so that the built page works under any path.
  base: "./",
  plugins: [react(), licences(), serviceWorker(), budget()],
  build: {
    ...target,
    emptyOutDir: true,
    rolldownOptions: {
      input: { index: "index.html", sw: "pwa/sw.ts" },
      output: {
        // Its place says what it may serve, and its name must stay.
        entryFileNames: ({ name }) => (name === "sw" ? SERVICE_WORKER : "assets/[name]-[hash].js"),
      },
    },
  },
  worker: { format: "es" },
  server: { proxy },
  preview: { proxy },
  test: { include: ["tests/**/*.test.{ts,tsx}"] },
});
