// A WebSocket that comes back by itself.

import { withToken } from "./key.js";

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;
const PING_EVERY_MS = 15_000;
const SILENT_FOR_MS = 25_000; // longer than a ping and its answer take: nobody is there any more
const LONGEST_TOLD_MS = 3_600_000; // a timer that is set for weeks goes off at once
const SHORT = 1_000; // what is longer is sound, or what was said
const UNSENT_BYTES_AT_MOST = 128_000; // four seconds of speech; older words are of no use

/**
 * How long to wait before the next try. The wait doubles up to a limit and is spread at random, so
 * that a server that comes back is not met by all its pages in the same instant.
 */
export function waitMs(failures, random = Math.random) {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures, 16));
  return longest * (0.5 + random() / 2);
}

/** Where the server's WebSocket is: a path of this page's own server, or an address of its own. */
export function socketUrl(configured, page) {
  const url = new URL(configured || "/ws", page);
  const secure = [url.protocol, new URL(page).protocol].some((one) => /^(https|wss):$/.test(one));
  url.protocol = secure ? "wss:" : "ws:";
  return url.href;
}

export class Socket {
  #url;
  #told;
  #socket = null;
  #failures = 0;
  #toldToWaitMs = 0;
  #tries = 0;
  #retry = 0;
  #heardAt = 0;

  /** `onText(text)` for every message; `onLink("connecting" | "open" | "waiting")`. */
  constructor(url, told) {
    this.#url = url;
    this.#told = told;
    setInterval(() => this.#checkPulse(), PING_EVERY_MS);
    addEventListener("online", () => this.#retry && this.open());
  }

  open() {
    clearTimeout(this.#retry);
    this.#retry = 0;
    this.#leave();
    this.#told.onLink("connecting");
    const tries = this.#tries;
    withToken(this.#url).then(
      (url) => tries === this.#tries && this.#connect(url),
      () => tries === this.#tries && this.#lost(),
    );
  }

  #connect(url) {
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.onopen = () => this.#told.onLink("open");
    socket.onmessage = ({ data }) => this.#heard(data);
    socket.onclose = () => this.#lost();
    this.#heardAt = performance.now();
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  send(message) {
    if (this.isOpen) this.#socket.send(JSON.stringify(message));
  }

  /** A frame of sound. On a line too slow for it frames are left out; they never pile up. */
  sendSound(pcm) {
    if (this.isOpen && this.#socket.bufferedAmount < UNSENT_BYTES_AT_MOST) this.#socket.send(pcm);
  }

  #heard(data) {
    this.#heardAt = performance.now();
    if (typeof data !== "string") return;
    if (data.length < SHORT) this.#note(data);
    this.#told.onText(data);
  }

  /** A server that has no room takes the connection, too: only a greeting means that there is a
   * call. */
  #note(text) {
    const { type, data, retry_after_ms, resume_after_ms } = fieldsOf(text);
    if (type === "status" && data === "connected") this.#failures = 0;
    if (type === "error") this.#toldToWaitMs = timeIn(retry_after_ms);
    if (type === "status") this.#toldToWaitMs = timeIn(resume_after_ms);
  }

  #checkPulse() {
    if (!this.isOpen) return;
    if (performance.now() - this.#heardAt > SILENT_FOR_MS) this.#lost();
    else this.send({ type: "ping" });
  }

  #lost() {
    this.#leave();
    this.#told.onLink("waiting");
    const wait = this.#toldToWaitMs + waitMs(this.#failures);
    this.#retry = setTimeout(() => this.open(), wait);
    this.#failures += 1;
    this.#toldToWaitMs = 0;
  }

  #leave() {
    this.#tries += 1;
    if (this.#socket === null) return;
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = null;
  }
}

function fieldsOf(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

const timeIn = (ms) => (Number.isFinite(ms) && ms > 0 ? Math.min(ms, LONGEST_TOLD_MS) : 0);
