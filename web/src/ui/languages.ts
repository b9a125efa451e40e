/** The name of a language in the page's own; its code where nobody knows one. */
export function languageName(code: string): string {
  try {
    return (
      new Intl.DisplayNames(document.documentElement.lang || "en", { type: "language" }).of(code) ??
      code
    );
  } catch {
    return code; // not a code at all
  }
}
