import type { Item } from "../../../client/index.ts";
import { useMessages } from "../../app/context.ts";
import { secondsOf } from "../../ui/seconds.ts";
import { ReplyWords } from "../call/ReplyWords.tsx";
import script from "../call/Script.module.css";
import styles from "./HistoryView.module.css";
import { useNames } from "./useNames.ts";

interface PastScriptProps {
  items: readonly Item[];
  /** How long each item was waited for, in milliseconds. */
  gaps?: readonly (number | null)[];
}

/** What was said earlier, set like what is said now; of a reply that was cut off, both parts. */
export function PastScript({ items, gaps = [] }: PastScriptProps) {
  const names = useNames();
  const { history: words } = useMessages();
  return (
    <ol className={styles.script}>
      {items.map((item, index) => {
        if (item.kind === "note" || item.text === "") return null;
        const gap = gaps[index] ?? null;
        const isUser = item.kind === "user";
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: what is past stays in its place
          <li key={index} className={script.line} data-who={isUser ? "you" : "it"}>
            <p className={script.who}>
              {isUser ? names.you : names.it(item.persona)}
              {isUser && item.typed && <small>{words.typed}</small>}
              {gap !== null && <small>{secondsOf(gap)}</small>}
            </p>
            <p className={script.words}>{isUser ? item.text : <ReplyWords item={item} />}</p>
          </li>
        );
      })}
    </ol>
  );
}
