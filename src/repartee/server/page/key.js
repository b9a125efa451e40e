// The key to a server that asks for one, kept while this tab is open, and the tokens that WebSockets
// show in its place, for they can't send a header.

const KEPT = "repartee.key";

let key = kept();

/** Like `fetch`, with the key; a server that wants another one has the user asked for it. */
export async function fetchWithKey(path, options = {}) {
  const headers = key ? { authorization: `Bearer ${key}` } : {};
  const answer = await fetch(path, { ...options, headers });
  return answer.status === 401 && asked() ? fetchWithKey(path, options) : answer;
}

/** This address with a token in it, if a key is kept. */
export async function withToken(url) {
  if (!key) return url;
  const answer = await fetchWithKey("/tokens", { method: "POST" });
  const { token } = await answer.json();
  const shown = new URL(url);
  shown.searchParams.set("token", token);
  return shown.href;
}

function asked() {
  const given = prompt("This server asks for a key.")?.trim();
  if (!given) return false;
  key = given;
  try {
    sessionStorage.setItem(KEPT, key);
  } catch {
    // Storage refused: it holds until the page is loaded again.
  }
  return true;
}

function kept() {
  try {
    return sessionStorage.getItem(KEPT) ?? "";
  } catch {
    return "";
  }
}
