import { useDeferredValue, useEffect, useState } from "react";
import { type PastSession, speaksOf } from "../../../client/index.ts";
import { useSurroundings } from "../../app/context.ts";
import styles from "./HistoryView.module.css";
import { HERE } from "./HistoryView.tsx";
import { clockOf, dayOf, lengthOf } from "./times.ts";
import type { LoadedArchive } from "./useArchive.ts";

/** A search goes back through this many sessions by itself. */
const SEARCHED_AT_MOST = 1_000;

interface SessionListProps {
  archive: LoadedArchive;
  open: string;
}

/** The sessions by day, newest first, each under the first words that were said in it. */
export function SessionList({ archive, open }: SessionListProps) {
  const { messages } = useSurroundings();
  const { history: words } = messages;
  const { sessions, turns, hasMore, failure, loadMore } = archive;
  const [query, setQuery] = useState("");
  const wanted = useDeferredValue(query.trim());
  const spoken = sessions.filter((session) => session.turns > 0);
  const found =
    wanted === "" ? spoken : spoken.filter(({ id }) => speaksOf(turns.get(id) ?? [], wanted));
  const unread = spoken.filter(({ id }) => !turns.has(id)).length;
  const isSearched = unread === 0 && (!hasMore || sessions.length >= SEARCHED_AT_MOST);
  const goesFurther = wanted !== "" && unread === 0 && !isSearched && failure === null;
  useEffect(() => {
    if (goesFurther) loadMore();
  }, [goesFurther, loadMore]);
  const isEmpty = found.length === 0 && failure === null && !hasMore;
  return (
    <nav className={styles.list} aria-label={words.title}>
      <h2>{words.title}</h2>
      <input
        type="search"
        value={query}
        aria-label={words.search}
        placeholder={words.search}
        onChange={(event) => setQuery(event.target.value)}
      />
      <p className={wanted === "" ? "unseen" : styles.remark} role="status">
        {wanted !== "" && (isSearched ? words.found(found.length) : words.searching)}
      </p>
      {wanted === "" && (
        <a
          className={styles.session}
          href={`#/history/${HERE}`}
          aria-current={open === HERE ? "page" : undefined}
        >
          <span>{words.here}</span>
          <small>{words.hereHint}</small>
        </a>
      )}
      {Object.entries(Object.groupBy(found, ({ began }) => dayOf(began))).map(
        ([day, some = []]) => (
          <section key={day} aria-label={day}>
            <h3>{day}</h3>
            <ol>
              {some.map((session) => (
                <li key={session.id}>
                  <Entry session={session} archive={archive} isOpen={session.id === open} />
                </li>
              ))}
            </ol>
          </section>
        ),
      )}
      {failure && (
        <p className={styles.remark} role="alert">
          {failure.sentence || messages.unreachable}
        </p>
      )}
      {isEmpty && wanted === "" && <p className={styles.remark}>{words.nothing}</p>}
      {((hasMore && !goesFurther) || failure) && (
        <button type="button" className="quiet" onClick={loadMore}>
          {failure ? messages.ways.retry : words.more}
        </button>
      )}
    </nav>
  );
}

interface EntryProps {
  session: PastSession;
  archive: LoadedArchive;
  isOpen: boolean;
}

function Entry({ session, archive, isOpen }: EntryProps) {
  const { config, messages } = useSurroundings();
  const { history: words } = messages;
  const { id, began, ended, persona, turns } = session;
  const first = archive.turns.get(id)?.find(({ said }) => said !== "")?.said;
  const about = [
    clockOf(began),
    ended === null ? words.goesOn : lengthOf(ended - began),
    words.turns(turns),
    config.personas.find(({ value }) => value === persona)?.label,
    words.interfaces[session.interface] ?? session.interface,
  ];
  return (
    <a
      className={styles.session}
      href={`#/history/${id}`}
      aria-current={isOpen ? "page" : undefined}
    >
      <span>{first ?? "…"}</span>
      <small>{about.filter(Boolean).join(" · ")}</small>
    </a>
  );
}
