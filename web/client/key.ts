// The key to a server that asks for one, kept for as long as this tab is open; and the tokens that
// WebSockets show in its place, for they can't send a header.

const KEPT = "repartee.key";

let key = kept();

export function keepKey(given: string): void {
  key = given.trim();
  try {
    sessionStorage.setItem(KEPT, key);
  } catch {
    // Storage refused: it holds until the page is loaded again.
  }
}

/** The headers that show it, if there is one. */
export const shownKey = (): Record<string, string> =>
  key === "" ? {} : { authorization: `Bearer ${key}` };

/** An address with a token in it where a key is kept, to connect to at once. */
export function withToken(url: string, server: string): string | Promise<string> {
  return key === "" ? url : fetchToken(server).then((token) => addToken(url, token));
}

export function addToken(url: string, token: string): string {
  const shown = new URL(url);
  shown.searchParams.set("token", token);
  return shown.href;
}

async function fetchToken(server: string): Promise<string> {
  const answer = await fetch(new URL("tokens", server), { method: "POST", headers: shownKey() });
  const said = (await answer.json()) as { token?: unknown };
  if (!answer.ok || typeof said.token !== "string") throw new Error("The server gave no token.");
  return said.token;
}

function kept(): string {
  try {
    return sessionStorage.getItem(KEPT) ?? "";
  } catch {
    return "";
  }
}
