// Keeps the line painted, at the rate of the screen while something moves on it.

import { type Client, isMicOpen, presenceOf } from "../../../client/index.ts";
import { LinePainter } from "./linePainter.ts";

const CALM_EVERY_MS = 250;

/** Draws who is heard, until the function that it gives is called. */
export function drawVoiceLine(canvas: HTMLCanvasElement, client: Client): () => void {
  const context = canvas.getContext("2d");
  if (context === null) return () => undefined;
  const painter = new LinePainter(canvas, context);
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let frame = 0;
  let drawnAt = 0;
  const paint = (now: number) => {
    frame = 0;
    // Who asked for less motion gets a few still pictures a second.
    if (!calm.matches || now - drawnAt >= CALM_EVERY_MS) {
      drawnAt = now;
      painter.paint(sceneOf(client), now, calm.matches);
    }
    if (painter.isMoving || isAlive(client)) ask();
  };
  const ask = () => {
    frame ||= requestAnimationFrame(paint);
  };
  const forget = client.store.subscribe(ask);
  const watcher = new ResizeObserver(() => {
    painter.resize();
    ask();
  });
  watcher.observe(canvas);
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", ask);
  return () => {
    forget();
    watcher.disconnect();
    scheme.removeEventListener("change", ask);
    cancelAnimationFrame(frame);
  };
}

function sceneOf({ state, ear, speaker }: Client) {
  const presence = presenceOf(state);
  const isListening = state.call === "on" && isMicOpen(state);
  return {
    presence,
    you: isListening ? ear.analyser : null,
    it: state.sounding > 0 ? speaker.analyser : null,
  };
}

const isAlive = ({ state }: Client) =>
  state.call !== "off" || state.sounding > 0 || state.answering || state.link !== "open";
