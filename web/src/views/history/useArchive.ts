// The sessions that were loaded so far, with their turns, which follow by themselves.

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Archive, ArchiveError, type PastSession, type PastTurn } from "../../../client/index.ts";

const PAGE = 50;

/** An empty sentence stands for a server that can't be reached. */
type Failure = { sentence: string };

export interface LoadedArchive {
  sessions: readonly PastSession[];
  turns: ReadonlyMap<string, readonly PastTurn[]>;
  hasMore: boolean;
  failure: Failure | null;
  loadMore: () => void;
  forget: (session: string) => Promise<void>;
}

export function useArchive(): LoadedArchive {
  const archive = useMemo(() => new Archive(document.baseURI), []);
  const [sessions, setSessions] = useState<readonly PastSession[]>([]);
  const [turns, setTurns] = useState<ReadonlyMap<string, readonly PastTurn[]>>(new Map());
  const [hasMore, setHasMore] = useState(true);
  const [failure, setFailure] = useState<Failure | null>(null);
  const isLoading = useRef(false);

  const attempt = useCallback(async (what: () => Promise<void>) => {
    try {
      await what();
      setFailure(null);
    } catch (error) {
      if (!(error instanceof ArchiveError)) throw error;
      setFailure({ sentence: error.message });
    }
  }, []);

  const last = sessions.at(-1)?.id;
  const loadMore = useCallback(() => {
    if (isLoading.current) return;
    isLoading.current = true;
    void attempt(async () => {
      const page = await archive.sessions(PAGE, last);
      setSessions((before) => [...before, ...page]);
      setHasMore(page.length === PAGE);
    }).finally(() => {
      isLoading.current = false;
    });
  }, [archive, attempt, last]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the first page, once
  useEffect(loadMore, []);

  // One after the other, so that a call that goes on meanwhile keeps the server to itself.
  const next = sessions.find((session) => session.turns > 0 && !turns.has(session.id))?.id;
  useEffect(() => {
    if (next === undefined || failure !== null) return;
    let isOver = false;
    void attempt(async () => {
      const found = await archive.turns(next).catch(goneIsNothing);
      if (!isOver) setTurns((before) => new Map(before).set(next, found));
    });
    return () => {
      isOver = true;
    };
  }, [archive, attempt, next, failure]);

  const forget = (session: string) =>
    attempt(async () => {
      await archive.delete(session);
      setSessions((before) => before.filter(({ id }) => id !== session));
    });

  return { sessions, turns, hasMore, failure, loadMore, forget };
}

/** A session that was deleted from elsewhere must not keep the others from being read. */
function goneIsNothing(error: unknown): PastTurn[] {
  if (error instanceof ArchiveError && error.message !== "") return [];
  throw error;
}
