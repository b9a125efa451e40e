// The speaker: plays replies in order, stops at once, and knows how much of each has been heard.

import { Ledger } from "./ledger.js";
import { bytesOf, floatsOf, Resampler } from "./pcm.js";

const REPLY_HZ = 24_000;
const REPORT_MS = 250;
const PHRASES_AT_MOST = 500; // longer than any reply; a server gone wild must not fill the memory

/**
 * What it is told to tell:
 * onSounding(reply): whose sound is to be heard now, 0 for nobody's; onPlayed(reply, ms): how much
 * of it has been heard; onLevel(level): how loud it is just now.
 */
export class Speaker {
  #settings;
  #told;
  #context = null;
  #gain = null;
  #node = null;
  #volume;
  #opening = null;
  #generation = 0;
  #ledger = new Ledger();
  #flushed = new Map(); // ledgers of generations whose last word is still to come
  #phrases = [];
  #decoding = false;
  #resampler = null;
  #played = 0;
  #sounding = 0;
  #reportedAt = 0;

  constructor({ rateHz, gather, phrasesAhead, volume }, told) {
    this.#settings = { rateHz, gather, phrasesAhead };
    this.#volume = volume;
    this.#told = told;
  }

  /** Opens the output. Browsers allow sound only after a key or a click, so call it from one. */
  async open() {
    this.#opening ??= this.#open().catch((error) => {
      this.#opening = null; // the next sound tries again
      throw error;
    });
    await this.#opening;
    if (this.#context.state !== "running") this.#context.resume();
  }

  set volume(volume) {
    this.#volume = volume;
    this.#gain?.gain.setTargetAtTime(volume, this.#context.currentTime, 0.02);
  }

  /** Base64 of PCM16 at 24 kHz: a small piece of a reply that comes in time with its playing. */
  async playPiece(reply, base64) {
    const generation = this.#generation;
    await this.open();
    if (generation !== this.#generation) return;
    this.#resampler ??= new Resampler(REPLY_HZ, this.#context.sampleRate);
    this.#hand(reply, this.#resampler.push(floatsOf(bytesOf(base64))));
  }

  /** Base64 of a whole sound file: one phrase of a reply; phrases come faster than they play. */
  playPhrase(reply, base64) {
    if (this.#phrases.length < PHRASES_AT_MOST) this.#phrases.push({ reply, base64 });
    this.#decodeAhead();
  }

  /** Silence at once; what was heard till then is reported. */
  flush() {
    const { reply, ms } = this.heard();
    if (reply) this.#told.onPlayed(reply, ms);
    if (this.#node) this.#flushed.set(this.#generation, this.#ledger);
    this.#generation += 1;
    this.#node?.port.postMessage({ generation: this.#generation });
    this.#ledger = new Ledger();
    this.#phrases = [];
    this.#resampler = null;
    this.#played = 0;
    this.#sound(0);
    this.#told.onLevel(0);
  }

  /** Which reply was heard last, and how much of it; what the device still holds is taken off. */
  heard() {
    const late = this.#sounding ? (this.#context?.outputLatency ?? 0) * 1000 : 0;
    const { reply, ms } = this.#heardIn(this.#ledger, this.#played);
    return { reply, ms: Math.max(0, Math.round(ms - late)) };
  }

  async #open() {
    const context = new AudioContext({ sampleRate: this.#settings.rateHz });
    this.#context = context;
    await context.audioWorklet.addModule(new URL("./playback-worklet.js", import.meta.url));
    const gather = Math.round((this.#settings.gather * context.sampleRate) / REPLY_HZ);
    this.#node = new AudioWorkletNode(context, "playback", {
      numberOfInputs: 0,
      outputChannelCount: [1],
      processorOptions: { gather },
    });
    this.#gain = new GainNode(context, { gain: this.#volume });
    this.#node.connect(this.#gain).connect(context.destination);
    this.#node.port.postMessage({ generation: this.#generation });
    this.#node.port.onmessage = ({ data }) => this.#reported(data);
  }

  async #decodeAhead() {
    if (this.#decoding) return;
    this.#decoding = true;
    while (this.#phrases.length > 0 && this.#mayDecode()) await this.#decode(this.#phrases.shift());
    this.#decoding = false;
  }

  #mayDecode() {
    return this.#ledger.phrasesWaiting(this.#played) < this.#settings.phrasesAhead;
  }

  async #decode({ reply, base64 }) {
    const generation = this.#generation;
    try {
      await this.open();
      const sound = await this.#context.decodeAudioData(bytesOf(base64).buffer);
      if (generation !== this.#generation) return;
      this.#hand(reply, sound.getChannelData(0).slice());
      this.#ledger.endPhrase();
    } catch (error) {
      console.warn("A phrase could not be played:", error); // the words are on the page anyway
    }
  }

  #hand(reply, samples) {
    if (samples.length === 0) return;
    this.#ledger.add(reply, samples.length);
    this.#node.port.postMessage({ generation: this.#generation, samples }, [samples.buffer]);
  }

  #reported({ generation, flushed, played, waiting, level }) {
    if (flushed !== undefined) {
      this.#lastWord(flushed, played);
      return;
    }
    if (generation !== this.#generation) return;
    this.#played = played;
    this.#sound(waiting > 0 ? this.#ledger.replyAt(played) : 0);
    this.#told.onLevel(waiting > 0 ? level : 0);
    this.#decodeAhead();
    if (waiting === 0 || performance.now() - this.#reportedAt >= REPORT_MS) this.#report();
  }

  #report() {
    this.#reportedAt = performance.now();
    const { reply, ms } = this.heard();
    if (reply) this.#told.onPlayed(reply, ms);
  }

  /** The audio thread's own figure of where a flush fell; all of that has been heard. */
  #lastWord(generation, played) {
    const { reply, ms } = this.#heardIn(this.#flushed.get(generation) ?? new Ledger(), played);
    this.#flushed.delete(generation);
    if (reply) this.#told.onPlayed(reply, Math.round(ms));
  }

  #heardIn(ledger, played) {
    const reply = ledger.replyAt(played);
    const rateHz = this.#context?.sampleRate ?? REPLY_HZ;
    return { reply, ms: (ledger.heardOf(reply, played) / rateHz) * 1000 };
  }

  #sound(reply) {
    if (reply === this.#sounding) return;
    this.#sounding = reply;
    this.#told.onSounding(reply);
  }
}
