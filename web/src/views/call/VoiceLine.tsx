import { useEffect, useRef } from "react";
import { useSurroundings } from "../../app/context.ts";
import styles from "./CallView.module.css";
import { drawVoiceLine } from "./drawVoiceLine.ts";

/** A line across the page. Whoever speaks makes it swell, from the middle out, in their colour. */
export function VoiceLine() {
  const { client, preferences } = useSurroundings();
  const canvas = useRef<HTMLCanvasElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has other colours
  useEffect(
    () => (canvas.current ? drawVoiceLine(canvas.current, client) : undefined),
    [client, preferences.theme],
  );
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas is reached by no key
  return <canvas ref={canvas} className={styles.line} aria-hidden="true" />;
}
