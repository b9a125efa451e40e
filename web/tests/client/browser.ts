// A browser made of fakes: its devices are plugged in, pulled out and paused at will.

import { vi } from "vitest";

export class FakeTrack extends EventTarget {
  enabled = true;
  stopped = false;

  stop(): void {
    this.stopped = true;
  }

  getSettings(): MediaTrackSettings {
    return {};
  }

  happens(name: "ended" | "mute" | "unmute"): void {
    this.dispatchEvent(new Event(name));
  }
}

export class FakeContext {
  state = "suspended";
  sampleRate: number;
  outputLatency = 0;
  currentTime = 0;
  destination = {};
  resumed = 0;
  sinks: string[] = [];
  onstatechange: (() => void) | null = null;
  audioWorklet = { addModule: async () => undefined };

  constructor({ sampleRate }: { sampleRate?: number } = {}) {
    const { deviceHz, refusedHz } = theBrowser();
    if (sampleRate !== undefined && sampleRate === refusedHz) throw new Error("not supported");
    this.sampleRate = sampleRate ?? deviceHz;
    theBrowser().contexts.push(this);
  }

  async resume(): Promise<void> {
    this.resumed += 1;
    this.state = "running";
  }

  async close(): Promise<void> {
    this.becomes("closed");
  }

  async setSinkId(id: string): Promise<void> {
    this.sinks.push(id);
  }

  createMediaStreamSource(): FakeNode {
    return new FakeNode();
  }

  becomes(state: string): void {
    this.state = state;
    this.onstatechange?.();
  }
}

class FakeNode {
  name: string;
  gain = { setTargetAtTime: () => undefined };
  posted: { generation: number; samples?: Float32Array }[] = [];
  port = {
    onmessage: null as ((event: { data: unknown }) => void) | null,
    postMessage: (order: { generation: number; samples?: Float32Array }) => {
      this.posted.push(order);
    },
  };

  constructor(_context?: unknown, name?: unknown) {
    this.name = typeof name === "string" ? name : "";
    if (this.name === "repartee-capture") theBrowser().capture = this;
    if (this.name === "repartee-playback") theBrowser().playback = this;
  }

  connect<Node>(node: Node): Node {
    return node;
  }
}

class FakeSocket {
  readyState = 0;
  bufferedAmount = 0;
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;

  constructor() {
    theBrowser().socket = this;
  }

  send(data: unknown): void {
    theBrowser().sent.push(typeof data === "string" ? JSON.parse(data).type : "sound");
  }

  close(): void {
    this.readyState = 3;
  }
}

export class FakeBrowser {
  deviceHz = 48_000;
  refusedHz: number | null = null;
  microphones = ["usual", "headset"];
  loudspeakers = ["built-in", "headset-out"];
  tracks: FakeTrack[] = [];
  asked: unknown[] = [];
  contexts: FakeContext[] = [];
  capture: FakeNode | null = null;
  playback: FakeNode | null = null;
  socket: FakeSocket | null = null;
  sent: string[] = [];
  window = new EventTarget();
  document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  devices = Object.assign(new EventTarget(), {
    getUserMedia: async ({ audio }: { audio: { deviceId?: { exact: string } } }) =>
      this.#stream(audio.deviceId?.exact),
    enumerateDevices: async () => [
      ...this.microphones.map((id) => ({ kind: "audioinput", deviceId: id, label: id })),
      ...this.loudspeakers.map((id) => ({ kind: "audiooutput", deviceId: id, label: id })),
    ],
  });

  constructor() {
    made = this;
    vi.stubGlobal("window", this.window);
    vi.stubGlobal("document", this.document);
    vi.stubGlobal("location", { href: "http://localhost:8000/" });
    vi.stubGlobal("isSecureContext", true);
    vi.stubGlobal("navigator", { mediaDevices: this.devices });
    vi.stubGlobal("AudioContext", FakeContext);
    for (const name of ["AudioWorkletNode", "AnalyserNode", "GainNode"]) {
      vi.stubGlobal(name, FakeNode);
    }
    vi.stubGlobal("WebSocket", FakeSocket);
  }

  /** The server takes the connection, and greets. */
  connect(): void {
    if (this.socket === null) return;
    this.socket.readyState = 1;
    this.socket.onopen?.();
    this.tell({ type: "status", data: "connected", session_id: "one" });
  }

  tell(message: object): void {
    this.socket?.onmessage?.({ data: JSON.stringify(message) });
  }

  /** The microphone hears a frame. */
  hear(): void {
    this.capture?.port.onmessage?.({ data: { pcm: new ArrayBuffer(2), rms: 0.1 } });
  }

  /** The loudspeaker has played so many samples of those it has received, or of more than that. */
  play(played: number, received = played + 1): void {
    const generation = this.playback?.posted.at(-1)?.generation ?? 0;
    const waiting = received - played;
    this.playback?.port.onmessage?.({ data: { generation, played, waiting, received } });
  }

  async unplug(name: string): Promise<void> {
    this.microphones = this.microphones.filter((one) => one !== name);
    this.loudspeakers = this.loudspeakers.filter((one) => one !== name);
    this.devices.dispatchEvent(new Event("devicechange"));
    await settled();
  }

  #stream(deviceId: string | undefined) {
    this.asked.push(deviceId ?? "");
    const found = deviceId === undefined ? this.microphones[0] : deviceId;
    if (found === undefined) throw named("NotFoundError");
    if (!this.microphones.includes(found)) throw named("OverconstrainedError");
    const track = new FakeTrack();
    this.tracks.push(track);
    return { getTracks: () => [track], getAudioTracks: () => [track] };
  }
}

/** Until everything that waits only for promises is done. */
export const settled = () => vi.advanceTimersByTimeAsync(0);

let made: FakeBrowser | null = null;

function theBrowser(): FakeBrowser {
  if (made === null) throw new Error("There is no browser.");
  return made;
}

const named = (name: string) => Object.assign(new Error(name), { name });
