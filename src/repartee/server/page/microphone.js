// The microphone: frames of 16-bit PCM, hands-free, until it is stopped.

const MICROPHONE_HZ = 16_000;

export class Microphone {
  #context = null;
  #stream = null;
  #opening = 0; // tells a stop apart that comes while the browser still asks for permission

  /**
   * Calls `onFrame(pcm, level)` for every frame, `onGone()` when the device is taken away. Gives
   * false when it was stopped before it could begin; throws what the browser throws.
   */
  async start({ frameSamples, onFrame, onGone }) {
    const opening = ++this.#opening;
    try {
      await this.#open(opening, { frameSamples, onFrame, onGone });
    } catch (error) {
      if (opening !== this.#opening) return false;
      this.stop();
      throw error;
    }
    return opening === this.#opening;
  }

  async #open(opening, { frameSamples, onFrame, onGone }) {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
    if (opening !== this.#opening) {
      stream.getTracks().forEach((track) => track.stop());
      return;
    }
    this.#stream = stream;
    stream.getAudioTracks()[0].addEventListener("ended", onGone);
    const node = await this.#connect(stream, frameSamples);
    node.port.onmessage = ({ data }) => onFrame(data.pcm, data.level);
  }

  stop() {
    this.#opening += 1;
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#context?.close();
    this.#stream = this.#context = null;
  }

  /** A muted microphone gives silence, so that the server still notices that a turn is over. */
  mute(muted) {
    this.#stream?.getAudioTracks().forEach((track) => (track.enabled = !muted));
  }

  async #connect(stream, frameSamples) {
    const { context, source } = openInput(stream);
    this.#context = context;
    await context.audioWorklet.addModule(new URL("./capture-worklet.js", import.meta.url));
    const node = new AudioWorkletNode(context, "capture", {
      channelCount: 1,
      channelCountMode: "explicit",
      processorOptions: { rateHz: MICROPHONE_HZ, frameSamples },
    });
    // It plays nothing, but some browsers run only what leads to the output.
    source.connect(node).connect(context.destination);
    await context.resume();
    return node;
  }
}

function openInput(stream) {
  const context = new AudioContext({ sampleRate: MICROPHONE_HZ });
  try {
    return { context, source: context.createMediaStreamSource(stream) };
  } catch {
    // Some browsers join a microphone only to a context of its own rate; the worklet converts.
    context.close();
    const own = new AudioContext();
    return { context: own, source: own.createMediaStreamSource(stream) };
  }
}
