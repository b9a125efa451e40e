import { useEffect, useState } from "react";
import type { Noted } from "../../../client/index.ts";
import { useClient, useMessages } from "../../app/context.ts";
import styles from "./CheckView.module.css";
import { Section } from "./Section.tsx";

const LOOK_EVERY_MS = 400;
const SHOWN = 100;

/** The latest messages between this page and the server, the newest first. */
export function MessageList() {
  const { wiretap } = useClient();
  const { check: words } = useMessages();
  const [noted, setNoted] = useState<readonly Noted[]>(wiretap.noted);
  const [isHeld, hold] = useState(false);
  useEffect(() => {
    if (isHeld) return;
    const looking = setInterval(() => setNoted(wiretap.noted), LOOK_EVERY_MS);
    return () => clearInterval(looking);
  }, [wiretap, isHeld]);
  const clear = () => {
    wiretap.clear();
    setNoted(wiretap.noted);
  };
  return (
    <Section title={words.messages}>
      <p>{words.messagesHint}</p>
      <div className={styles.row}>
        <button type="button" className="quiet" aria-pressed={isHeld} onClick={() => hold(!isHeld)}>
          {isHeld ? words.goOn : words.pause}
        </button>
        <button type="button" className="quiet" onClick={clear}>
          {words.clear}
        </button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keys */}
      <section className={styles.messages} aria-label={words.messages} tabIndex={0}>
        <table>
          <tbody>
            {noted
              .slice(-SHOWN)
              .toReversed()
              .map(({ id, way, at, text, frames, bytes }) => (
                <tr key={id} data-way={way}>
                  <td>{(at / 1_000).toFixed(2)}</td>
                  <td>
                    <b role="img" aria-label={words.ways[way]}>
                      {way === "in" ? "↓" : "↑"}
                    </b>
                  </td>
                  <td>{text ?? <i>{words.sound(frames, Math.ceil(bytes / 1_024))}</i>}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </section>
    </Section>
  );
}
