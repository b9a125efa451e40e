import { useRef, useState } from "react";
import { useMessages } from "../../app/context.ts";
import { useRest } from "../../app/router.ts";
import { Heading } from "./Heading.tsx";
import { Here } from "./Here.tsx";
import styles from "./HistoryView.module.css";
import { Past } from "./Past.tsx";
import { SessionList } from "./SessionList.tsx";
import { useArchive } from "./useArchive.ts";

/** What this browser remembers, under this name. */
export const HERE = "here";

/** Earlier conversations: a list of them, and one that is read. */
export function HistoryView() {
  const { history: words } = useMessages();
  const archive = useArchive();
  const main = useRef<HTMLElement>(null);
  const [hasForgotten, setForgotten] = useState(false);
  const [open = ""] = useRest();
  const session = archive.sessions.find(({ id }) => id === open);
  const isNowhere = open !== "" && open !== HERE && !session && !archive.hasMore;
  const forgotten = () => {
    location.hash = "#/history";
    setForgotten(true);
    main.current?.focus(); // the button that was pressed is gone
  };
  return (
    <main ref={main} className={styles.view} data-open={open !== ""} tabIndex={-1}>
      <SessionList archive={archive} open={open} />
      <section className={styles.reading} aria-label={words.reading}>
        {open === HERE && <Here />}
        {session && (
          <Past key={session.id} session={session} archive={archive} onForgotten={forgotten} />
        )}
        {isNowhere && <Heading title={words.gone} />}
        {open === "" && <p className={styles.invitation}>{words.invitation}</p>}
      </section>
      <p className="unseen" role="status">
        {hasForgotten && words.forgotten}
      </p>
    </main>
  );
}
