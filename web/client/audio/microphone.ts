// The microphone: frames of 16-bit PCM at 16 kHz, whatever the device gives, until it is stopped.

import { ANALYSIS } from "./analysis.ts";
import type { Captured, CaptureOptions } from "./messages.ts";
import { resume } from "./resume.ts";

const LISTENING_HZ = 16_000;

export interface MicrophoneOptions {
  /** The address of the compiled capture worklet. */
  worklet: string;
  frameSamples: number;
  onFrame(captured: Captured): void;
  /** The device was taken away or the permission withdrawn. */
  onGone(): void;
  /** The system took the microphone for something else, or gave it back. */
  onPaused?(isPaused: boolean): void;
  /** Without what the browser does against echo and noise, for whoever wants to measure that. */
  plain?: boolean;
}

export class Microphone {
  #options: MicrophoneOptions;
  #context: AudioContext | null = null;
  #stream: MediaStream | null = null;
  #opening = 0; // tells a stop apart that comes while the browser still asks for permission

  /** What is heard just now, for whoever draws it. */
  analyser: AnalyserNode | null = null;

  constructor(options: MicrophoneOptions) {
    this.#options = options;
  }

  /**
   * Listens to a device; "" is the usual one. Gives false when it was stopped before it could
   * begin; throws what the browser throws.
   */
  async start(deviceId: string): Promise<boolean> {
    this.stop();
    const opening = this.#opening;
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: wanted(deviceId, this.#options.plain !== true),
      });
      if (opening !== this.#opening) {
        release(stream);
        return false;
      }
      this.#stream = stream;
      await this.#connect(stream);
    } catch (error) {
      if (opening !== this.#opening) return false;
      this.stop();
      throw error;
    }
    return opening === this.#opening;
  }

  stop(): void {
    this.#opening += 1;
    if (this.#stream !== null) release(this.#stream);
    this.#context?.close();
    this.#stream = this.#context = this.analyser = null;
  }

  /** A closed microphone gives silence, so that the server still notices that a turn is over. */
  set isOpen(open: boolean) {
    for (const track of this.#stream?.getAudioTracks() ?? []) track.enabled = open;
  }

  /** What the browser made of what it was asked for; without what would tell devices apart. */
  get settings(): MediaTrackSettings {
    const settings = this.#stream?.getAudioTracks()[0]?.getSettings() ?? {};
    const { deviceId: _, groupId: __, ...said } = settings;
    return said;
  }

  /** Phones pause the sound of a page that was hidden or called away from. */
  wake(): void {
    if (this.#context !== null) resume(this.#context);
  }

  async #connect(stream: MediaStream): Promise<void> {
    const { worklet, frameSamples, onFrame, onGone, onPaused } = this.#options;
    const context = new AudioContext({ latencyHint: "interactive" });
    this.#context = context;
    context.onstatechange = () => this.wake();
    await context.audioWorklet.addModule(worklet);
    const processorOptions: CaptureOptions = { rateHz: LISTENING_HZ, frameSamples };
    const node = new AudioWorkletNode(context, "repartee-capture", {
      channelCount: 1,
      channelCountMode: "explicit",
      processorOptions,
    });
    node.port.onmessage = ({ data }: MessageEvent<Captured>) => onFrame(data);
    const source = context.createMediaStreamSource(stream);
    this.analyser = new AnalyserNode(context, ANALYSIS);
    source.connect(this.analyser);
    // It plays nothing, but some browsers run only what leads to the output.
    source.connect(node).connect(context.destination);
    const [track] = stream.getAudioTracks();
    track?.addEventListener("ended", onGone);
    track?.addEventListener("mute", () => onPaused?.(true));
    track?.addEventListener("unmute", () => onPaused?.(false));
    await context.resume();
  }
}

function wanted(deviceId: string, isClean: boolean): MediaTrackConstraints {
  const clean = {
    echoCancellation: isClean,
    noiseSuppression: isClean,
    autoGainControl: isClean,
  };
  return deviceId ? { ...clean, deviceId: { exact: deviceId } } : clean;
}

function release(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
