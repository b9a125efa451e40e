// How dates and times are written: in the page's language, as it is done where the user is.

/** "en-GB" for whoever reads English in a British browser, "de-CH" for German in a Swiss one. */
export function locale(): string {
  const tongue = document.documentElement.lang || "en";
  const own = navigator.languages.find((code) => code.slice(0, 2).toLowerCase() === tongue);
  const region = regionOf(own ?? navigator.language);
  return region ? `${tongue}-${region}` : tongue;
}

/** Where a language is at home, if its code does not say where it is spoken. */
function regionOf(code: string): string | undefined {
  try {
    return new Intl.Locale(code).maximize().region;
  } catch {
    return undefined; // some browsers name what is no language at all
  }
}
