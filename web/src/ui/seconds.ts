/** A time in milliseconds as people read it, in the page's own language: "0.74 s". */
export function secondsOf(ms: number): string {
  const digits = ms < 10_000 ? 2 : 1;
  const number = new Intl.NumberFormat(document.documentElement.lang || "en", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return `${number.format(ms / 1_000)}\u00a0s`;
}
