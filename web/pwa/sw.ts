// Lets the page open though the server is away, and at once where it is slow: it keeps what was
// built, and nothing else. What the server says and hears never passes through here.

const worker = self as unknown as ServiceWorkerGlobalScope;

/** The build puts in what it made, and a name that changes with it. */
const files = (): string[] => JSON.parse("__FILES__");
const CACHE = "repartee-__VERSION__";

const root = new URL("./", worker.location.href);
const isBuilt = ({ origin, pathname }: URL) =>
  origin === root.origin && pathname.startsWith(`${root.pathname}assets/`);
const isPage = ({ origin, pathname }: URL) => origin === root.origin && pathname === root.pathname;

worker.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(files())));
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers());
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET") return;
  if (request.mode === "navigate" && isPage(url)) event.respondWith(newest(request));
  else if (isBuilt(url)) event.respondWith(kept(request));
});

/** What was built before is of no use to anybody. */
async function forgetOthers(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("repartee-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

/** The page itself comes from the server while there is one. */
async function newest(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(root.href)) ?? Response.error();
  }
}

/** Whose name changes with its content is never asked for twice. */
async function kept(request: Request): Promise<Response> {
  // The server's answer may depend on the origin that asks; that of this page is always the same.
  const found = await caches.match(request, { ignoreVary: true });
  if (found !== undefined) return found;
  const answer = await fetch(request);
  if (answer.ok) (await caches.open(CACHE)).put(request, answer.clone());
  return answer;
}
