// The key that a server asks for: kept in this tab, shown in headers, and as a token in addresses.

import { afterEach, beforeEach, expect, test, vi } from "vitest";

const KEPT = new Map<string, string>();
const asked: [string, RequestInit][] = [];
let answer = Response.json({ token: "t1.a.b" });

const fresh = async () => {
  vi.resetModules();
  return import("../../client/key.ts");
};

beforeEach(() => {
  KEPT.clear();
  asked.length = 0;
  answer = Response.json({ token: "t1.a.b" });
  vi.stubGlobal("sessionStorage", {
    getItem: (name: string) => KEPT.get(name) ?? null,
    setItem: (name: string, value: string) => KEPT.set(name, value),
  });
  vi.stubGlobal("fetch", async (url: URL | string, init: RequestInit) => {
    asked.push([String(url), init]);
    return answer;
  });
});

afterEach(() => vi.unstubAllGlobals());

test("without a key nothing is shown, and nothing is asked for", async () => {
  const { shownKey, withToken } = await fresh();
  expect(shownKey()).toEqual({});
  expect(withToken("ws://here/ws", "http://here/")).toBe("ws://here/ws");
  expect(asked).toEqual([]);
});

test("it is kept while the tab is open", async () => {
  (await fresh()).keepKey(" rk_secret ");
  expect((await fresh()).shownKey()).toEqual({ authorization: "Bearer rk_secret" });
});

test("an address gets a token of its own every time", async () => {
  const { keepKey, withToken } = await fresh();
  keepKey("rk_secret");
  expect(await withToken("ws://here/talk/ws?resume=x", "http://here/talk/")).toBe(
    "ws://here/talk/ws?resume=x&token=t1.a.b",
  );
  expect(asked).toEqual([
    ["http://here/talk/tokens", { method: "POST", headers: { authorization: "Bearer rk_secret" } }],
  ]);
});

test("a server that gives none is told of as one that is not there", async () => {
  const { keepKey, withToken } = await fresh();
  keepKey("rk_old");
  answer = Response.json({ error: "No key that is known here was shown." }, { status: 401 });
  await expect(withToken("ws://here/ws", "http://here/")).rejects.toThrow("no token");
});

test("where storage is refused it holds until the page is loaded again", async () => {
  const refuse = () => {
    throw new Error("refused");
  };
  vi.stubGlobal("sessionStorage", { getItem: refuse, setItem: refuse });
  const { keepKey, shownKey } = await fresh();
  keepKey("rk_secret");
  expect(shownKey()).toEqual({ authorization: "Bearer rk_secret" });
  expect((await fresh()).shownKey()).toEqual({});
});

test("a server that asks for a key is told apart from one that is not there", async () => {
  const { fetchConfig } = await import("../../client/config.ts");
  answer = new Response("{}", { status: 401 });
  expect(await fetchConfig("/config")).toBe("locked");
  answer = new Response("{}", { status: 503 });
  expect(await fetchConfig("/config")).toBeNull();
});
