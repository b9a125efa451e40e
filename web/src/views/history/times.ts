// When something was, in the page's own language.

import { locale } from "../../ui/locale.ts";

/** "Today", "yesterday", or a date. */
export function dayOf(time: number, now: number = Date.now()): string {
  const day = startOfDay(time);
  const daysAgo = Math.round((startOfDay(now) - day) / 86_400_000);
  if (daysAgo < 2) return relative(-daysAgo);
  const isThisYear = new Date(time).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat(locale(), {
    weekday: "long",
    day: "numeric",
    month: "long",
    ...(isThisYear ? {} : { year: "numeric" }),
  }).format(time);
}

export const clockOf = (time: number) =>
  new Intl.DateTimeFormat(locale(), { hour: "numeric", minute: "2-digit" }).format(time);

export const dateOf = (time: number) =>
  new Intl.DateTimeFormat(locale(), { dateStyle: "long", timeStyle: "short" }).format(time);

/** "0:52", "1:02:10" */
export function lengthOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

function relative(days: number): string {
  const said = new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(days, "day");
  return said.charAt(0).toLocaleUpperCase(locale()) + said.slice(1);
}

function startOfDay(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}
