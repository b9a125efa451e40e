import type { ReplyItem } from "../../../client/index.ts";
import { useMessages } from "../../app/context.ts";
import { brokenOff } from "./brokenOff.ts";
import styles from "./Script.module.css";

/** A reply as far as it was heard, the word that is heard now, and what is still to come or never did. */
export function ReplyWords({ item }: { item: ReplyItem }) {
  const messages = useMessages();
  const heard = item.text.slice(0, item.heard);
  const rest = item.text.slice(item.heard);
  if (item.status === "live" || (item.status === "complete" && rest.trim())) {
    const lastWord = heard.search(/\S+\s*$/);
    const at = lastWord < 0 ? heard.length : lastWord;
    return (
      <>
        {heard.slice(0, at)}
        <mark className={styles.now}>{heard.slice(at)}</mark>
        <span className={styles.ahead}>{rest}</span>
      </>
    );
  }
  if (item.status === "complete") return item.text;
  if (item.status === "failed") return <Cut heard={heard} rest={rest} remark={messages.lost} />;
  return <Cut heard={heard} rest={rest} remark={heard ? messages.cut : messages.cutUnheard} />;
}

function Cut({ heard, rest, remark }: { heard: string; rest: string; remark: string }) {
  return (
    <>
      {brokenOff(heard)} {rest && <del className={styles.cut}>{rest.trim()}</del>}{" "}
      <em className={styles.remark}>({remark})</em>
    </>
  );
}
