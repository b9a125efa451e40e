// A WebSocket that comes back by itself, and never lets old sound pile up.

import { parse, type Told, type Wish, wish } from "./protocol.ts";
import type { Link } from "./state.ts";

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;
const PING_EVERY_MS = 10_000;
const SETTLED_AFTER_MS = 1_500; // a page that is just loading measures itself, and not the line
const ANSWER_WITHIN_MS = 8_000; // a ping that waits longer: nobody is there any more
const UNSENT_BYTES_AT_MOST = 16_000; // half a second of speech in the browser's own buffer
const FRAMES_KEPT = 64; // about two seconds; older words are of no use
const DRAIN_EVERY_MS = 50;

/**
 * How long to wait before the next try. The wait doubles up to a limit and is spread at random, so
 * that a server that comes back is not met by all its pages in the same instant.
 */
export function waitMs(failures: number, random: () => number = Math.random): number {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures, 16));
  return longest * (0.5 + random() / 2);
}

/** Where the server's WebSocket is: a path of this page's own server, or an address of its own. */
export function socketUrl(configured: string, page: string): string {
  const url = new URL(configured || "/ws", page);
  const secure = [url.protocol, new URL(page).protocol].some((one) => /^(https|wss):$/.test(one));
  url.protocol = secure ? "wss:" : "ws:";
  return url.href;
}

export interface SocketListeners {
  onLink(link: Link): void;
  onTold(told: Told): void;
  onRoundTrip(ms: number): void;
  /** Whatever is said, before anything is made of it. Sound comes as its length. */
  onFrame?(way: Way, frame: string | number): void;
}

/** "out" is from here to the server. */
export type Way = "in" | "out";

export interface SocketOptions {
  /**
   * Where to connect, asked anew for every try, with the session that was lost: a server that can
   * take a conversation up again is told of it here. It may have to be waited for, where the server
   * wants a token in it.
   */
  address(lostSession: string | null): string | Promise<string>;
  now?: () => number;
}

export class Socket {
  #options: SocketOptions;
  #listeners: SocketListeners;
  #socket: WebSocket | null = null;
  #session: string | null = null;
  #failures = 0;
  #toldToWaitMs = 0;
  #tries = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #pulse: ReturnType<typeof setInterval> | undefined;
  #settling: ReturnType<typeof setTimeout> | undefined;
  #draining: ReturnType<typeof setTimeout> | undefined;
  #frames: ArrayBuffer[] = [];
  #heardAt = 0;
  #pingedAt: number | null = null;

  constructor(options: SocketOptions, listeners: SocketListeners) {
    this.#options = options;
    this.#listeners = listeners;
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === 1;
  }

  /** Connects, or connects anew; what was connected before is left. */
  open(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#leave();
    this.#listeners.onLink("connecting");
    const address = this.#options.address(this.#session);
    if (typeof address === "string") {
      this.#connect(address);
      return;
    }
    const tries = this.#tries;
    const unlessLeft = (what: () => void) => {
      if (tries === this.#tries) what();
    };
    address.then(
      (url) => unlessLeft(() => this.#connect(url)),
      () => unlessLeft(() => this.#lost()),
    );
  }

  #connect(url: string): void {
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = () => this.#opened();
    socket.onmessage = ({ data }) => this.#heard(data);
    socket.onclose = () => this.#lost();
    this.#pulse = setInterval(() => this.#checkPulse(), PING_EVERY_MS);
  }

  /** Leaves for good; the next `open` begins a new conversation. */
  close(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#leave();
    this.#session = null;
    this.#frames = [];
    this.#listeners.onLink("closed");
  }

  /** The page is seen again or the network is back: don't wait any longer. */
  nudge(): void {
    if (this.#retry !== undefined) this.open();
    else if (this.isOpen) this.#checkPulse();
  }

  /** Gives false when there is no connection; nothing is kept for a later one. */
  send(message: Wish): boolean {
    if (!this.isOpen) return false;
    const frame = JSON.stringify(message);
    this.#socket?.send(frame);
    this.#listeners.onFrame?.("out", frame);
    return true;
  }

  /** The sound that waits goes first, however slow the line is: this is said about it. */
  sendAfterSound(message: Wish): boolean {
    if (this.isOpen) for (const frame of this.#frames.splice(0)) this.#sendFrame(frame);
    return this.send(message);
  }

  /**
   * A frame of sound. While the line is being opened or is too slow, frames wait; the oldest are
   * dropped, so that what arrives is never old.
   */
  sendSound(pcm: ArrayBuffer): void {
    this.#frames.push(pcm);
    if (this.#frames.length > FRAMES_KEPT) this.#frames.shift();
    this.#drain();
  }

  #drain(): void {
    clearTimeout(this.#draining);
    this.#draining = undefined;
    const socket = this.#socket;
    if (socket === null || !this.isOpen) return;
    while (socket.bufferedAmount < UNSENT_BYTES_AT_MOST) {
      const frame = this.#frames.shift();
      if (frame === undefined) return;
      this.#sendFrame(frame);
    }
    this.#draining = setTimeout(() => this.#drain(), DRAIN_EVERY_MS);
  }

  #sendFrame(frame: ArrayBuffer): void {
    this.#socket?.send(frame);
    this.#listeners.onFrame?.("out", frame.byteLength);
  }

  #opened(): void {
    this.#listeners.onLink("open"); // settings go first, and sound after them
    this.#checkPulse();
    this.#settling = setTimeout(() => {
      if (this.#pingedAt === null) this.#checkPulse();
    }, SETTLED_AFTER_MS);
    this.#drain();
  }

  #heard(data: unknown): void {
    this.#heardAt = this.#now();
    const told = typeof data === "string" ? parse(data) : null;
    this.#listeners.onFrame?.("in", told?.kind === "sound" ? told.base64.length : String(data));
    if (told === null) return;
    if (told.kind === "connected") this.#greeted(told.sessionId);
    if (told.kind === "going-away") this.#toldToWaitMs = told.resumeAfterMs;
    if (told.kind === "problem") this.#toldToWaitMs = told.retryAfterMs ?? 0;
    if (told.kind === "pong") this.#ponged();
    else this.#listeners.onTold(told);
  }

  /** Only now there is a call: a server that has no room takes the connection, and says so. */
  #greeted(sessionId: string): void {
    this.#session = sessionId;
    this.#failures = 0;
    this.#toldToWaitMs = 0;
  }

  #ponged(): void {
    if (this.#pingedAt === null) return;
    this.#listeners.onRoundTrip(this.#heardAt - this.#pingedAt);
    this.#pingedAt = null;
  }

  #checkPulse(): void {
    if (!this.isOpen) return;
    const pingedAt = this.#pingedAt;
    // Counted from the ping, not from the last message: a hidden page pings as seldom as it likes.
    if (
      pingedAt !== null &&
      this.#heardAt < pingedAt &&
      this.#now() - pingedAt > ANSWER_WITHIN_MS
    ) {
      this.#lost();
      return;
    }
    this.#pingedAt = this.#now();
    this.send(wish.ping());
  }

  #lost(): void {
    this.#leave();
    this.#listeners.onLink("waiting");
    const wait = this.#toldToWaitMs + waitMs(this.#failures);
    this.#retry = setTimeout(() => this.open(), wait);
    this.#failures += 1;
    this.#toldToWaitMs = 0;
  }

  #leave(): void {
    this.#tries += 1;
    clearInterval(this.#pulse);
    clearTimeout(this.#settling);
    clearTimeout(this.#draining);
    this.#pingedAt = null;
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #now(): number {
    return (this.#options.now ?? performance.now.bind(performance))();
  }
}
