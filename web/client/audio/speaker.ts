// The speaker: plays replies in order, stops at once, and knows how much of each has been heard.

import { ANALYSIS } from "./analysis.ts";
import { bytesOf } from "./base64.ts";
import { Ledger } from "./ledger.ts";
import type { PlaybackOptions, PlaybackOrder, PlaybackReport } from "./messages.ts";
import { floatsOf } from "./pcm.ts";
import { Resampler } from "./resampler.ts";
import { resume } from "./resume.ts";
import { readWav } from "./wav.ts";

const REPLY_HZ = 24_000;
const PHRASES_AT_MOST = 500; // longer than any reply; a server gone wild must not fill the memory

export interface SpeakerOptions {
  /** The address of the compiled playback worklet. */
  worklet: string;
  rateHz: number;
  gatherSamples: number;
  phrasesAhead: number;
  volume: number;
}

export interface SpeakerListeners {
  /** Sound was put in line: which words it is if that is known, and its place in the reply. */
  onQueued(reply: number, text: string | null, startMs: number, endMs: number | null): void;
  /** So much of a reply has been heard. */
  onPlayed(reply: number, ms: number): void;
  /** Whose sound is to be heard now; 0 for nobody's. */
  onSounding(reply: number): void;
}

interface Waiting {
  reply: number;
  base64: string;
  text: string | null;
}

export class Speaker {
  #options: SpeakerOptions;
  #listeners: SpeakerListeners;
  #context: AudioContext | null = null;
  #gain: GainNode | null = null;
  #node: AudioWorkletNode | null = null;
  #opening: Promise<void> | null = null;
  #deviceId = "";
  #volume: number;
  #generation = 0;
  #ledger = new Ledger();
  #flushed = new Map<number, Ledger>(); // of generations whose last word is still to come
  #phrases: Waiting[] = [];
  #resampler: Resampler | null = null;
  #played = 0;
  #sounding = 0;

  /** What is played just now, for whoever draws it. */
  analyser: AnalyserNode | null = null;

  constructor(options: SpeakerOptions, listeners: SpeakerListeners) {
    this.#options = options;
    this.#listeners = listeners;
    this.#volume = options.volume;
  }

  /** Opens the output. Browsers allow sound only after a key or a click, so call it from one. */
  async open(): Promise<void> {
    this.#opening ??= this.#connect().catch((error) => {
      this.#opening = null; // the next sound tries again
      throw error;
    });
    await this.#opening;
    this.wake();
  }

  wake(): void {
    if (this.#context !== null) resume(this.#context);
  }

  set volume(volume: number) {
    this.#volume = volume;
    this.#gain?.gain.setTargetAtTime(volume, this.#gain.context.currentTime, 0.02);
  }

  /** Plays through another device, where the browser can; "" is the usual one. */
  async choose(deviceId: string): Promise<void> {
    this.#deviceId = deviceId;
    await this.#context?.setSinkId?.(deviceId);
  }

  /** PCM16 at 24 kHz: a small piece of a reply, which comes in time with its playing. */
  async playPiece(reply: number, base64: string, text: string | null): Promise<void> {
    const generation = this.#generation;
    const context = await this.#opened();
    const bytes = bytesOf(base64);
    if (generation !== this.#generation || bytes === null) return;
    this.#resampler ??= new Resampler(REPLY_HZ, context.sampleRate);
    const samples = this.#resampler.push(floatsOf(bytes));
    const [startMs, endMs] = this.#hand(reply, samples);
    if (text !== null) this.#listeners.onQueued(reply, text, startMs, null);
    this.#listeners.onQueued(reply, null, startMs, endMs);
  }

  /** A WAV file: one phrase of a reply. Phrases come faster than they are played, so they wait. */
  async playPhrase(reply: number, base64: string, text: string | null): Promise<void> {
    if (this.#phrases.length >= PHRASES_AT_MOST) return;
    this.#phrases.push({ reply, base64, text });
    await this.#opened();
    this.#unpack();
  }

  /** Silence at once; how much was heard till then is told as soon as the audio thread knows. */
  flush(): void {
    if (this.#node) this.#flushed.set(this.#generation, this.#ledger);
    this.#generation += 1;
    this.#order({ generation: this.#generation });
    this.#ledger = new Ledger();
    this.#phrases = [];
    this.#resampler = null;
    this.#played = 0;
    this.#sound(0);
  }

  close(): void {
    this.flush();
    void this.#context?.close();
    this.#context = this.#node = this.#gain = this.#opening = this.analyser = null;
  }

  async #opened(): Promise<AudioContext> {
    await this.open();
    if (this.#context === null) throw new Error("The sound output is closed.");
    return this.#context;
  }

  async #connect(): Promise<void> {
    const { worklet, rateHz, gatherSamples } = this.#options;
    const context = contextAt(rateHz);
    this.#context = context;
    context.onstatechange = () => this.wake();
    resume(context); // still within the click, as some browsers want it
    await context.audioWorklet.addModule(worklet);
    if (this.#deviceId) await context.setSinkId?.(this.#deviceId).catch(() => undefined);
    const gather = Math.round((gatherSamples * context.sampleRate) / REPLY_HZ);
    const node = new AudioWorkletNode(context, "repartee-playback", {
      numberOfInputs: 0,
      outputChannelCount: [1],
      processorOptions: { gather } satisfies PlaybackOptions,
    });
    this.#node = node;
    this.#gain = new GainNode(context, { gain: this.#volume });
    this.analyser = new AnalyserNode(context, ANALYSIS);
    node.connect(this.analyser).connect(this.#gain).connect(context.destination);
    this.#order({ generation: this.#generation });
    node.port.onmessage = ({ data }: MessageEvent<PlaybackReport>) => this.#reported(data);
  }

  /** Phrases become samples only a little ahead of their playing. */
  #unpack(): void {
    const hasRoom = () => this.#ledger.phrasesWaiting(this.#played) < this.#options.phrasesAhead;
    while (this.#context !== null && this.#phrases.length > 0 && hasRoom()) {
      const { reply, base64, text } = this.#phrases.shift() as Waiting;
      const bytes = bytesOf(base64);
      const sound = bytes && readWav(bytes);
      if (sound === null) continue; // the words are on the page anyway
      const resampler = new Resampler(sound.rateHz, this.#context.sampleRate);
      const [startMs] = this.#hand(reply, resampler.push(sound.samples));
      const [, endMs] = this.#hand(reply, resampler.finish());
      this.#ledger.endPhrase();
      this.#listeners.onQueued(reply, text, startMs, endMs);
    }
  }

  /** Gives where in its reply the sound begins and ends, in milliseconds. */
  #hand(reply: number, samples: Float32Array): [number, number] {
    const before = this.#ledger.add(reply, samples.length);
    this.#order({ generation: this.#generation, samples });
    return [this.#msOf(before), this.#msOf(before + samples.length)];
  }

  #order(order: PlaybackOrder): void {
    const moved = order.samples ? [order.samples.buffer] : [];
    this.#node?.port.postMessage(order, moved);
  }

  #reported({ generation, flushed, played, waiting, received }: PlaybackReport): void {
    if (flushed) {
      // The audio thread's own figure of where the flush fell; all of that has been heard.
      this.#tellPlayed(this.#flushed.get(generation) ?? new Ledger(), played, 0);
      this.#flushed.delete(generation);
      return;
    }
    if (generation !== this.#generation) return;
    this.#played = played;
    this.#unpack();
    // Where this page is slow, the audio thread may have run dry with the next phrase on its way.
    const isOver = waiting === 0 && received === this.#ledger.end;
    this.#tellPlayed(this.#ledger, played, isOver ? 0 : this.#latencyMs());
    this.#sound(this.#ledger.replyAt(played)); // be it for a moment only
    if (isOver) this.#sound(0);
  }

  /** What the device still holds has been played but not heard. */
  #tellPlayed(ledger: Ledger, played: number, latencyMs: number): void {
    const reply = ledger.replyAt(played);
    if (reply === 0) return;
    const ms = this.#msOf(ledger.heardOf(reply, played)) - latencyMs;
    this.#listeners.onPlayed(reply, Math.max(0, ms));
  }

  #latencyMs = () => (this.#context?.outputLatency || 0) * 1000;

  #msOf = (samples: number) => (samples * 1000) / (this.#context?.sampleRate ?? REPLY_HZ);

  #sound(reply: number): void {
    if (reply === this.#sounding) return;
    this.#sounding = reply;
    this.#listeners.onSounding(reply);
  }
}

/** At the wanted rate, or where a device can't have that, at its own: the sound is resampled anyway. */
function contextAt(rateHz: number): AudioContext {
  const latencyHint = "interactive";
  try {
    return new AudioContext({ sampleRate: rateHz, latencyHint });
  } catch {
    return new AudioContext({ latencyHint });
  }
}
