import { memo } from "react";
import type { Item, ReplyItem, UserItem } from "../../../client/index.ts";
import { gapOf } from "../../../client/index.ts";
import { useClientState, useMessages, useSurroundings } from "../../app/context.ts";
import { useTracePanel } from "../../app/tracePanel.ts";
import { secondsOf } from "../../ui/seconds.ts";
import { ReplyWords } from "./ReplyWords.tsx";
import styles from "./Script.module.css";
import { useFollowing } from "./useFollowing.ts";

const DOUBTFUL = 0.6;

/** What was said, set like the script of a play: who in the margin, and then the words. */
export function Script() {
  const { config, messages } = useSurroundings();
  const items = useClientState((state) => state.items);
  const interim = useClientState((state) => state.interim);
  const log = useFollowing({
    isWanted: config.autoScroll,
    grown: [items, interim],
    isSpeaking: interim !== "",
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keys
    <section ref={log} className={styles.script} aria-label={messages.conversation} tabIndex={0}>
      <ol>
        {items.map((item) => (
          <Line key={item.id} item={item} />
        ))}
        {interim && (
          <li className={styles.line} data-who="you">
            <p className={styles.who}>{messages.you}</p>
            <p className={styles.words}>
              <i>{interim}</i>
            </p>
          </li>
        )}
      </ol>
    </section>
  );
}

const Line = memo(function Line({ item }: { item: Item }) {
  const messages = useMessages();
  if (item.kind === "note") return <li className={styles.note}>{messages.notes[item.note]}</li>;
  if (item.text === "") return null;
  return (
    <li
      className={styles.line}
      data-who={item.kind === "user" ? "you" : "it"}
      data-earlier={item.earlier}
    >
      {item.kind === "user" ? <Said item={item} /> : <Replied item={item} />}
    </li>
  );
});

function Said({ item }: { item: UserItem }) {
  const messages = useMessages();
  const { confidence } = item;
  return (
    <>
      <p className={styles.who}>
        {messages.you}
        {confidence !== null && (
          <small data-doubtful={confidence < DOUBTFUL}>
            {messages.sure(Math.round(confidence * 100))}
          </small>
        )}
      </p>
      <p className={styles.words}>{item.text}</p>
    </>
  );
}

function Replied({ item }: { item: ReplyItem }) {
  const { config, messages } = useSurroundings();
  const { choose } = useTracePanel();
  // As exact as it is shown: the clocks are compared ever better, and older lines stay as they are.
  const gap = useClientState((state) => roundedMs(gapOf(state, item)));
  const persona = config.personas.find(({ value }) => value === item.persona);
  return (
    <>
      <p className={styles.who}>
        {persona?.label ?? messages.assistant}
        {gap !== null && (
          <button type="button" title={messages.trace.title} onClick={() => choose(item.id)}>
            {secondsOf(gap)}
          </button>
        )}
      </p>
      <p className={styles.words}>
        <ReplyWords item={item} />
      </p>
    </>
  );
}

const roundedMs = (ms: number | null) => ms && Math.round(ms / 10) * 10;
