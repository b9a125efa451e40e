// Runs before the page does: notes to the millisecond, on the audio thread, when sound was played,
// and when the page was asked or told to be silent. Such a worklet is no part of the page: its
// content policy must be set aside for it.

const PROCESSOR = `registerProcessor("stopwatch", class extends AudioWorkletProcessor {
  process([[samples]]) {
    if (samples?.some((sample) => Math.abs(sample) > 0.0005)) this.port.postMessage(Date.now());
    return true;
  }
})`;
const SETTLED_MS = 400; // whoever is not silent by then never will be
const stopwatch = { isRunning: false, loudAt: [], askedAt: 0, toldAt: 0 };
const plug = AudioNode.prototype.connect;

async function measure(node, context) {
  const address = URL.createObjectURL(new Blob([PROCESSOR], { type: "text/javascript" }));
  await context.audioWorklet.addModule(address);
  const watch = new AudioWorkletNode(context, "stopwatch");
  watch.port.onmessage = ({ data }) => stopwatch.loudAt.push(data);
  plug.call(node, watch);
  plug.call(watch, context.destination); // it adds nothing, but must lead somewhere to be run
  stopwatch.isRunning = true;
}

AudioNode.prototype.connect = function (to, ...rest) {
  const isLoudspeaker = this instanceof GainNode && to instanceof AudioDestinationNode;
  if (isLoudspeaker) void measure(this, this.context);
  return plug.call(this, to, ...rest);
};

const asked = () => {
  stopwatch.askedAt = Date.now();
};
addEventListener("click", asked, { capture: true });
addEventListener("keydown", asked, { capture: true });

const Socket = window.WebSocket;
window.WebSocket = class extends Socket {
  constructor(...address) {
    super(...address);
    this.addEventListener("message", ({ data }) => {
      if (data.includes('"interrupted"')) stopwatch.toldAt = Date.now();
    });
  }
};

/** How long sound went on after that moment; null while that can't be said. */
stopwatch.soundedOn = (since) => {
  const from = stopwatch[since];
  const wasHeard = stopwatch.loudAt.some((at) => from - at >= 0 && from - at < SETTLED_MS);
  if (!wasHeard || Date.now() - from < SETTLED_MS) return null;
  return stopwatch.loudAt.findLast((at) => at - from < SETTLED_MS) - from;
};

window.stopwatch = stopwatch;
