// Runs before the page does, and notes all that the page sends to the loudspeaker.

const LOUD = 0.003;
const ears = { loudSeconds: 0, lastLoudAt: 0 };
const connect = AudioNode.prototype.connect;

function listen({ inputBuffer }) {
  const loudest = inputBuffer.getChannelData(0).reduce((most, one) => Math.max(most, one), 0);
  if (loudest < LOUD) return;
  ears.loudSeconds += inputBuffer.duration;
  ears.lastLoudAt = performance.now();
}

AudioNode.prototype.connect = function (to, ...rest) {
  if (to instanceof AudioDestinationNode) {
    const ear = this.context.createScriptProcessor(1024, 1, 1);
    ear.onaudioprocess = listen;
    connect.call(this, ear);
    connect.call(ear, to); // an ear that leads nowhere is not run
  }
  return connect.call(this, to, ...rest);
};

window.ears = ears;
