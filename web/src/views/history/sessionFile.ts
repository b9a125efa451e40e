// A session and its turns as a file for other programs.

import type { PastSession, PastTurn } from "../../../client/index.ts";

export function sessionFile(session: PastSession, turns: readonly PastTurn[]): string {
  const { id, persona, status } = session;
  const file = {
    id,
    interface: session.interface,
    persona,
    status,
    began: dateOf(session.began),
    ended: dateOf(session.ended),
    turns: turns.map(({ began, gapMs, ...turn }) => ({
      ...turn,
      began: dateOf(began),
      gap_ms: gapMs && Math.round(gapMs),
    })),
  };
  return JSON.stringify(file, null, 2);
}

const dateOf = (time: number | null) => (time === null ? null : new Date(time).toISOString());
