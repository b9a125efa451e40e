// Sounds of the page's own: what the microphone took, and three notes to hear a loudspeaker by.

export const NOTES = [392, 494, 587];
const NOTE_SECONDS = 0.28;

/** Plays 16-bit samples, and says when they are over. */
export async function play(pcm: Int16Array, rateHz: number, sink: string, done: () => void) {
  const context = await opened(sink);
  const buffer = context.createBuffer(1, pcm.length, rateHz);
  const samples = buffer.getChannelData(0);
  for (let i = 0; i < pcm.length; i += 1) samples[i] = (pcm[i] ?? 0) / 32_768;
  const source = new AudioBufferSourceNode(context, { buffer });
  source.connect(context.destination);
  source.onended = () => {
    void context.close();
    done();
  };
  source.start();
}

export interface Output {
  rate_hz: number;
  channels: number;
  latency_ms: number;
}

/** Three notes on one side, or with 0 on both; tells about the output once they were played. */
export async function chime(side: -1 | 0 | 1, sink: string, volume = 1): Promise<Output> {
  const context = await opened(sink);
  const pan = new StereoPannerNode(context, { pan: side });
  pan.connect(new GainNode(context, { gain: volume })).connect(context.destination);
  const ends = NOTES.map((frequency, index) => {
    const at = context.currentTime + 0.05 + index * NOTE_SECONDS;
    const gain = new GainNode(context, { gain: 0 });
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(0.25, at + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.001, at + NOTE_SECONDS * 1.8);
    const note = new OscillatorNode(context, { type: "triangle", frequency });
    note.connect(gain).connect(pan);
    note.start(at);
    note.stop(at + NOTE_SECONDS * 2);
    return new Promise((resolve) => note.addEventListener("ended", resolve));
  });
  await Promise.all(ends);
  const output = {
    rate_hz: context.sampleRate,
    channels: context.destination.maxChannelCount,
    latency_ms: Math.round((context.baseLatency + (context.outputLatency || 0)) * 1000),
  };
  await context.close();
  return output;
}

async function opened(sink: string): Promise<AudioContext> {
  const context = new AudioContext();
  if (sink) await context.setSinkId?.(sink).catch(() => undefined);
  await context.resume();
  return context;
}
