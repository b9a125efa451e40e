// The list of what was said: items are added, found by their reply's number, and changed.

import { heardAfter, phraseIn } from "./heard.ts";
import {
  audibleReply,
  type Item,
  type Moments,
  type NoteItem,
  type Phrase,
  type ReplyItem,
  type State,
  type UserItem,
} from "./state.ts";

const ITEMS_ON_THE_PAGE = 500;

export const NO_MOMENTS: Moments = {
  voiceEnded: null,
  asked: null,
  replying: null,
  firstWords: null,
  firstSound: null,
  firstHeard: null,
  ended: null,
};

type Unnumbered = Omit<UserItem, "id"> | Omit<ReplyItem, "id"> | Omit<NoteItem, "id">;

export function added(state: State, item: Unnumbered): State {
  const items = [...state.items, { ...item, id: state.nextId } as Item];
  return { ...state, items: items.slice(-ITEMS_ON_THE_PAGE), nextId: state.nextId + 1 };
}

/** Changes the item of a reply; nothing happens if there is none, or if it stays as it is. */
export function changed(
  state: State,
  reply: number,
  change: (item: ReplyItem) => ReplyItem,
): State {
  if (reply === 0) return state;
  const index = indexOf(state, reply);
  const item = state.items[index];
  if (item?.kind !== "reply") return state;
  const next = change(item);
  return next === item ? state : { ...state, items: state.items.with(index, next) };
}

export function replyItem(
  reply: number,
  text: string,
  moments: Partial<Moments>,
): Omit<ReplyItem, "id"> {
  return {
    kind: "reply",
    reply,
    persona: "",
    text,
    heard: 0,
    status: "live",
    phrases: [],
    arrivedMs: 0,
    playedMs: 0,
    asideMs: 0,
    moments: { ...NO_MOMENTS, ...moments },
  };
}

/** The item with `heard` brought up to what has been played of it. It never shrinks. */
export function heardTo(item: ReplyItem, { paceMs }: State): ReplyItem {
  if (item.status === "interrupted") return item; // the server has said how much it was
  const heard = heardAfter(item.text, item.phrases, item.playedMs, paceMs);
  return { ...item, heard: Math.max(item.heard, heard) };
}

/** No reply up to this one is heard from now on; the one that can be heard is cut off there. */
export function silenced(state: State, upTo: number): State {
  const next = changed(state, audibleReply(state), (item) =>
    item.reply <= upTo && item.status === "complete" && item.heard < item.text.length
      ? { ...item, status: "interrupted" }
      : item,
  );
  const sounding = state.sounding > upTo ? state.sounding : 0;
  return { ...next, sounding, silenced: Math.max(state.silenced, upTo) };
}

/** The phrases of an item with one more; the one before it ends where this one starts. */
export function startOf(
  item: ReplyItem,
  spoken: string,
  startMs: number,
  endMs: number | null,
): readonly Phrase[] {
  const last = item.phrases.at(-1);
  const [from, to] = phraseIn(item.text, last?.to ?? 0, spoken);
  const before = last === undefined ? [] : [...item.phrases.slice(0, -1)];
  if (last !== undefined) before.push({ ...last, endMs: last.endMs ?? startMs });
  return [...before, { from, to, startMs, endMs }];
}

function indexOf({ items }: State, reply: number): number {
  return items.findLastIndex((item) => item.kind === "reply" && item.reply === reply);
}
