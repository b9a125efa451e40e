// Draws the voice line on a canvas: a hairline, and on it the bars of who is heard.

import type { Presence } from "../../../client/index.ts";
import { barsOf, settled } from "./spectrum.ts";

const BAR_PX = 3;
const PITCH_PX = 7;
const FALL = 0.86;
const QUIET = 0.004; // a bar lower than this has settled
const REACH = 0.78; // of the way from the middle to the edge that bars may take
const LOWEST_HZ = 110; // below is hum, not voice
const THOUGHT_MS = 2_600;

const BROKEN = new Set<Presence>(["waiting", "connecting", "muted", "push"]);

export interface Scene {
  presence: Presence;
  you: AnalyserNode | null;
  it: AnalyserNode | null;
}

type Side = "you" | "it";

export class LinePainter {
  #canvas: HTMLCanvasElement;
  #context: CanvasRenderingContext2D;
  #bars: Record<Side, number[]> = { you: [], it: [] };
  #bins = new Uint8Array(new ArrayBuffer(512));
  #width = 0;
  #height = 0;

  constructor(canvas: HTMLCanvasElement, context: CanvasRenderingContext2D) {
    this.#canvas = canvas;
    this.#context = context;
    this.resize();
  }

  /** Whether a bar is still on its way down. */
  get isMoving(): boolean {
    return [...this.#bars.you, ...this.#bars.it].some((height) => height > QUIET);
  }

  /** Between two pixels, where a thin line is sharp. */
  get #middle(): number {
    return Math.floor(this.#height / 2) + 0.5;
  }

  /** Takes on the size that the page gives the canvas. */
  resize(): void {
    const { width, height } = this.#canvas.getBoundingClientRect();
    const density = window.devicePixelRatio || 1;
    this.#canvas.width = Math.round(width * density);
    this.#canvas.height = Math.round(height * density);
    this.#context.setTransform(density, 0, 0, density, 0, 0);
    this.#width = width;
    this.#height = height;
  }

  paint(scene: Scene, now: number, calm: boolean): void {
    // The style sheet names three colours for us: yours, its, and the line's.
    const { color: you, outlineColor: it, caretColor: hair } = getComputedStyle(this.#canvas);
    this.#context.clearRect(0, 0, this.#width, this.#height);
    this.#drawHair(hair, scene.presence);
    if (scene.presence === "thinking") this.#drawThought(it, calm ? THOUGHT_MS / 2 : now);
    const fall = calm ? 0 : FALL;
    this.#drawVoice(it, this.#heights("it", scene.it, fall));
    this.#drawVoice(you, this.#heights("you", scene.you, fall));
  }

  #heights(side: Side, analyser: AnalyserNode | null, fall: number): number[] {
    const count = Math.max(1, Math.floor((this.#width * REACH) / 2 / PITCH_PX));
    let wanted = new Array<number>(count).fill(0);
    if (analyser !== null) {
      analyser.getByteFrequencyData(this.#bins);
      const lowest = (LOWEST_HZ * analyser.fftSize) / analyser.context.sampleRate;
      wanted = barsOf(this.#bins, count, lowest);
    }
    this.#bars[side] = settled(this.#bars[side], wanted, fall);
    return this.#bars[side];
  }

  /** The line itself; broken while there is no connection, or nothing is listened to. */
  #drawHair(colour: string, presence: Presence): void {
    const context = this.#context;
    const isBroken = BROKEN.has(presence);
    context.strokeStyle = colour;
    context.lineWidth = isBroken ? 2 : 1;
    context.lineCap = "round";
    context.setLineDash(isBroken ? [0, 8] : []);
    context.beginPath();
    context.moveTo(0, this.#middle);
    context.lineTo(this.#width, this.#middle);
    context.stroke();
    context.setLineDash([]);
  }

  /** A thought on its way: a soft light that wanders from one end to the other and back. */
  #drawThought(colour: string, now: number): void {
    const context = this.#context;
    const phase = 0.5 - 0.5 * Math.cos((Math.PI * 2 * now) / (2 * THOUGHT_MS));
    const at = this.#width * (0.2 + 0.6 * phase);
    const reach = Math.min(140, this.#width / 5);
    const glow = context.createLinearGradient(at - reach, 0, at + reach, 0);
    glow.addColorStop(0, "transparent");
    glow.addColorStop(0.5, colour);
    glow.addColorStop(1, "transparent");
    context.strokeStyle = glow;
    context.lineWidth = 3;
    context.beginPath();
    context.moveTo(at - reach, this.#middle);
    context.lineTo(at + reach, this.#middle);
    context.stroke();
  }

  /** Mirrored about the line, and from the middle to both sides; lower towards the edges. */
  #drawVoice(colour: string, heights: readonly number[]): void {
    const context = this.#context;
    const middle = this.#width / 2;
    const tallest = this.#height / 2 - 2;
    context.fillStyle = colour;
    context.beginPath();
    heights.forEach((height, bar) => {
      if (height <= QUIET) return;
      const half = Math.max(
        BAR_PX / 2,
        height ** 1.6 * tallest * (1 - bar / heights.length) ** 0.5,
      );
      for (const x of bar === 0 ? [middle] : [middle - bar * PITCH_PX, middle + bar * PITCH_PX]) {
        context.roundRect(x - BAR_PX / 2, this.#middle - half, BAR_PX, 2 * half, BAR_PX / 2);
      }
    });
    context.fill();
  }
}
