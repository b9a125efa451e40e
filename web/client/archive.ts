// What the server keeps of earlier conversations: to be listed, read and deleted.

import { lengthHeard } from "./heard.ts";
import { replyItem } from "./items.ts";
import { shownKey } from "./key.ts";
import type { ReplyItem, UserItem } from "./state.ts";

export interface PastSession {
  id: string;
  /** The wire language it spoke, such as "ws". */
  interface: string;
  persona: string;
  status: string;
  /** In milliseconds since 1970; null while it goes on. */
  began: number;
  ended: number | null;
  turns: number;
}

export interface PastTurn {
  id: string;
  typed: boolean;
  said: string;
  answer: string;
  heard: string;
  confidence: number;
  began: number;
  status: "complete" | "interrupted" | "low_confidence" | "failed";
  /** From the last word to the first sound, in milliseconds. */
  gapMs: number | null;
}

/** A sentence that says what went wrong; empty where the server could not be reached. */
export class ArchiveError extends Error {}

export class Archive {
  #base: string;

  /** `base` is the address of the server's root. */
  constructor(base: string) {
    this.#base = base;
  }

  /** Newest first; `before` is the id of the last one of the page above. */
  async sessions(limit: number, before?: string): Promise<PastSession[]> {
    const query = new URLSearchParams({ limit: String(limit), ...(before && { before }) });
    return listIn(await this.#ask(`sessions?${query}`)).flatMap(sessionIn);
  }

  /** Oldest first. */
  async turns(session: string): Promise<PastTurn[]> {
    return listIn(await this.#ask(`sessions/${encodeURIComponent(session)}/turns`)).flatMap(turnIn);
  }

  async delete(session: string): Promise<void> {
    await this.#ask(`sessions/${encodeURIComponent(session)}`, "DELETE");
  }

  async #ask(path: string, method = "GET"): Promise<unknown> {
    const url = new URL(path, this.#base);
    const answer = await fetch(url, { method, cache: "no-store", headers: shownKey() }).catch(
      () => {
        throw new ArchiveError("");
      },
    );
    const said = await answer.json().catch(() => null);
    if (!answer.ok) throw new ArchiveError(textIn(recordIn(said).detail));
    return said;
  }
}

/** A past turn as the two items that the script of a call is made of. */
export function itemsOf(turn: PastTurn): [UserItem, ReplyItem] {
  const isCut = turn.status === "interrupted";
  const said: UserItem = {
    kind: "user",
    id: 0,
    text: turn.said,
    typed: turn.typed,
    confidence: turn.typed ? null : turn.confidence || null,
  };
  const answer: ReplyItem = {
    ...replyItem(0, turn.answer, {}),
    id: 0,
    heard: isCut ? lengthHeard(turn.answer, turn.heard) : turn.answer.length,
    status: isCut ? "interrupted" : turn.status === "failed" ? "failed" : "complete",
  };
  return [said, answer];
}

/** Whether all words of a query occur in what was said, by either side. */
export function speaksOf(turns: readonly PastTurn[], query: string): boolean {
  const wanted = plain(query).split(/\s+/).filter(Boolean);
  const text = plain(turns.map(({ said, answer }) => `${said} ${answer}`).join(" "));
  return wanted.every((word) => text.includes(word));
}

/** Without accents and capitals, so that what is typed quickly is found. */
const plain = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function sessionIn(sent: unknown): PastSession[] {
  const said = recordIn(sent);
  const began = timeIn(said.created_at);
  const id = textIn(said.id);
  if (!id || began === null) return [];
  return [
    {
      id,
      began,
      interface: textIn(said.interface),
      persona: textIn(said.persona),
      status: textIn(said.status),
      ended: timeIn(said.ended_at),
      turns: numberIn(said.turns) ?? 0,
    },
  ];
}

const STATUSES = ["complete", "interrupted", "low_confidence", "failed"] as const;

function turnIn(sent: unknown): PastTurn[] {
  const said = recordIn(sent);
  const began = timeIn(said.started_at);
  if (began === null) return [];
  const gap = numberIn(said.time_to_first_audio);
  return [
    {
      id: textIn(said.id),
      typed: said.mode === "typed",
      said: textIn(said.user_text),
      answer: textIn(said.assistant_text),
      heard: textIn(said.heard_text),
      confidence: numberIn(said.confidence) ?? 0,
      began,
      status: STATUSES.find((one) => one === said.status) ?? "complete",
      gapMs: gap === null ? null : gap * 1000,
    },
  ];
}

const listIn = (sent: unknown): unknown[] => (Array.isArray(sent) ? sent : []);
const recordIn = (sent: unknown): Record<string, unknown> =>
  typeof sent === "object" && sent !== null ? (sent as Record<string, unknown>) : {};
const textIn = (sent: unknown) => (typeof sent === "string" ? sent : "");
const numberIn = (sent: unknown) =>
  typeof sent === "number" && Number.isFinite(sent) ? sent : null;

function timeIn(sent: unknown): number | null {
  const time = Date.parse(textIn(sent));
  return Number.isNaN(time) ? null : time;
}
