import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { licences } from "./scripts/licences.ts";

// A server to develop against: `npm run dev` passes on to it what the page asks of its own server.
const SERVER = process.env.REPARTEE ?? "http://127.0.0.1:8000";
const proxy = Object.fromEntries(
  ["/config", "/health", "/ws"].map((path) => [path, { target: SERVER, ws: path === "/ws" }]),
);

export default defineConfig({
  // Relative, so that the built page works under any path.
  base: "./",
  plugins: [react(), licences()],
  build: {
    outDir: process.env.OUT_DIR ?? "../src/repartee/server/web",
    emptyOutDir: true,
    target: "es2022",
    // No data: addresses, so that a strict content policy holds.
    assetsInlineLimit: 0,
  },
  worker: { format: "es" },
  server: { proxy },
  preview: { proxy },
  test: { include: ["tests/**/*.test.{ts,tsx}"] },
});
