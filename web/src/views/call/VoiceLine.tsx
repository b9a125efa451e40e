import { useEffect, useRef } from "react";
import { type Client, isMicOpen, presenceOf } from "../../../client/index.ts";
import { useSurroundings } from "../../app/context.ts";
import styles from "./CallView.module.css";
import { LinePainter } from "./linePainter.ts";

const CALM_EVERY_MS = 250;

/** A line across the page. Whoever speaks makes it swell, from the middle out, in their colour. */
export function VoiceLine() {
  const { client, preferences } = useSurroundings();
  const canvas = useRef<HTMLCanvasElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has other colours
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context) return;
    const painter = new LinePainter(element, context);
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
    watcher.observe(element);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", ask);
    return () => {
      forget();
      watcher.disconnect();
      scheme.removeEventListener("change", ask);
      cancelAnimationFrame(frame);
    };
  }, [client, preferences.theme]);
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas is reached by no key
  return <canvas ref={canvas} className={styles.line} aria-hidden="true" />;
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
