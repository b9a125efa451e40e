// Measures the way to the server, on a connection of its own.

import { parse, wish } from "./protocol.ts";

const GIVE_UP_MS = 8_000;

export interface Probed {
  /** Until the server greeted. */
  openMs: number;
  roundTripsMs: number[];
}

/** Connects, pings so many times, one after the other, and leaves. Rejects when nobody answers. */
export function probe(url: string, pings: number): Promise<Probed> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const roundTripsMs: number[] = [];
    const socket = new WebSocket(url);
    let openMs = 0;
    let sentAt = 0;
    const leave = () => {
      clearTimeout(timer);
      socket.onclose = null;
      socket.close();
    };
    const fail = () => {
      leave();
      reject(new Error("The server did not answer."));
    };
    const timer = setTimeout(fail, GIVE_UP_MS);
    const ping = () => {
      sentAt = performance.now();
      socket.send(JSON.stringify(wish.ping()));
    };
    socket.onclose = fail;
    socket.onmessage = ({ data }) => {
      const told = parse(String(data));
      if (told?.kind === "connected") openMs = performance.now() - began;
      if (told?.kind === "pong") roundTripsMs.push(performance.now() - sentAt);
      if (roundTripsMs.length < pings) {
        if (told?.kind === "connected" || told?.kind === "pong") ping();
        return;
      }
      leave();
      resolve({ openMs, roundTripsMs });
    };
  });
}
