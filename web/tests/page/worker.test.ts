// The service worker keeps what was built, and never comes between the page and the server.

import { beforeEach, describe, expect, test, vi } from "vitest";

const WORKER = "../../pwa/sw.ts";
const ROOT = "https://here/talk/";

const listeners = new Map<string, (event: unknown) => void>();
const kept = new Map<string, Response>();
const cache = { put: async (request: Request, answer: Response) => kept.set(request.url, answer) };
let network: (request: Request) => Promise<Response>;

beforeEach(async () => {
  vi.resetModules();
  kept.clear();
  network = async () => new Response("fresh");
  vi.stubGlobal("self", {
    location: { href: `${ROOT}sw.js` },
    addEventListener: (name: string, listener: (event: unknown) => void) =>
      listeners.set(name, listener),
  });
  vi.stubGlobal("caches", {
    open: async () => cache,
    match: async (request: Request | string) =>
      kept.get(typeof request === "string" ? request : request.url),
  });
  vi.stubGlobal("fetch", (request: Request) => network(request));
  await import(/* @vite-ignore */ WORKER);
});

/** What the page gets from the worker, or null where it leaves the request alone. */
async function asked(path: string, { mode = "cors", method = "GET" } = {}): Promise<string | null> {
  const request = new Request(new URL(path, ROOT), { method });
  Object.defineProperty(request, "mode", { value: mode });
  const given: Promise<Response>[] = [];
  const respondWith = (answer: Promise<Response>) => given.push(answer);
  listeners.get("fetch")?.({ request, respondWith });
  return (await given[0])?.text() ?? null;
}

describe("what is left to the server", () => {
  test.each(["config", "health", "sessions?limit=50", "docs", "widget.js", "../assets/other.js"])(
    "%s",
    async (path) => {
      expect(await asked(path)).toBe(null);
      expect(await asked(path, { mode: "navigate" })).toBe(null);
    },
  );

  test("whatever is sent", async () => {
    expect(await asked("assets/a.js", { method: "POST" })).toBe(null);
  });

  test("what comes from elsewhere", async () => {
    expect(await asked("https://elsewhere/talk/assets/a.js")).toBe(null);
  });
});

test("what was built is asked for once", async () => {
  expect(await asked("assets/a.js")).toBe("fresh");
  network = async () => new Response("another");
  expect(await asked("assets/a.js")).toBe("fresh");
});

test("what the server does not have is not kept", async () => {
  network = async () => new Response("gone", { status: 404 });
  expect(await asked("assets/a.js")).toBe("gone");
  expect(kept.size).toBe(0);
});

test("the page comes from the server, and from memory when there is none", async () => {
  kept.set(ROOT, new Response("remembered"));
  expect(await asked("", { mode: "navigate" })).toBe("fresh");
  network = async () => {
    throw new TypeError("failed");
  };
  expect(await asked("", { mode: "navigate" })).toBe("remembered");
});
