import type { ReactNode } from "react";
import { useMessages } from "../../app/context.ts";
import styles from "./HistoryView.module.css";

/** What is read, what can be done with it, and on a small screen the way back to the list. */
export function Heading({ title, children }: { title: string; children?: ReactNode }) {
  const { history: words } = useMessages();
  return (
    <header className={styles.heading}>
      <a className={styles.back} href="#/history">
        {words.back}
      </a>
      <h2>{title}</h2>
      <div>{children}</div>
    </header>
  );
}
