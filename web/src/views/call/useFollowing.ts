// Keeps in sight what is new: the word that is heard just now, or else the end.

import { type RefObject, useEffect, useRef } from "react";

const NEAR_PX = 120;
const MARK_AT = 0.4; // of the height, so that some of what is to come can be read

/** What somebody who scrolls wants to see: what is new, the end, or what they are reading there. */
type Wish = "newest" | "end" | "here";

interface Following {
  isWanted: boolean;
  /** Changes with whatever grows. */
  grown: readonly unknown[];
  /** What is said just now stands at the end, whatever else is heard. */
  isSpeaking: boolean;
}

export function useFollowing({
  isWanted,
  grown,
  isSpeaking,
}: Following): RefObject<HTMLElement | null> {
  const element = useRef<HTMLElement>(null);
  const wish = useRef<Wish>("newest");
  const own = useRef(0); // where the page itself has scrolled to
  const follow = useRef(() => {});
  useEffect(() => {
    const log = element.current;
    if (log === null) return;
    const look = () => {
      if (Math.abs(log.scrollTop - own.current) > 1) wish.current = wishAt(log);
    };
    log.addEventListener("scroll", look, { passive: true });
    // A message about trouble takes some of its room, and so does the keyboard of a phone.
    const size = new ResizeObserver(() => follow.current());
    size.observe(log);
    return () => {
      log.removeEventListener("scroll", look);
      size.disconnect();
    };
  }, []);
  useEffect(() => {
    follow.current = () => {
      const log = element.current;
      if (log === null || !isWanted || wish.current === "here") return;
      if (markIn(log) === undefined) wish.current = "newest";
      own.current = isSpeaking || wish.current === "end" ? endOf(log) : newestIn(log);
      log.scrollTop = own.current;
    };
    follow.current();
  }, [isWanted, isSpeaking, ...grown]);
  return element;
}

function wishAt(log: HTMLElement): Wish {
  const isNear = (place: number) => Math.abs(log.scrollTop - place) < NEAR_PX;
  if (isNear(newestIn(log))) return "newest";
  return isNear(endOf(log)) ? "end" : "here";
}

const endOf = (log: HTMLElement) => log.scrollHeight - log.clientHeight;

/** The word that is heard just now. */
const markIn = (log: HTMLElement) => [...log.querySelectorAll("mark")].at(-1);

function newestIn(log: HTMLElement): number {
  const mark = markIn(log);
  if (mark === undefined) return endOf(log);
  const from = log.getBoundingClientRect().top - log.scrollTop;
  const top = mark.getBoundingClientRect().top - from;
  return Math.max(0, Math.min(endOf(log), top - log.clientHeight * MARK_AT));
}
