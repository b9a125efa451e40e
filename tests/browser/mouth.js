// Runs before the page does: what a test says comes out of every microphone that the page opens.

const RATE_HZ = 16_000;
const HUM_HZ = 50;
const HUM = 0.0002;
const mouth = { context: null, lips: null, microphones: [], isPlugged: true, echoes: null };

function open() {
  if (mouth.context !== null) return;
  mouth.context = new AudioContext({ sampleRate: RATE_HZ });
  mouth.lips = mouth.context.createMediaStreamDestination();
  // A microphone is never without any sample, and its room never without any sound.
  const hum = mouth.context.createOscillator();
  hum.frequency.value = HUM_HZ;
  const faint = mouth.context.createGain();
  faint.gain.value = HUM;
  hum.connect(faint);
  faint.connect(mouth.lips);
  hum.start();
}

navigator.mediaDevices.getUserMedia = async ({ audio }) => {
  if (!mouth.isPlugged) throw new DOMException("There is none.", "NotFoundError");
  open();
  // Browsers have one canceller for all that is heard; here it is as good as a test wants.
  if (mouth.echoes !== null) {
    mouth.room.gain.value = audio.echoCancellation ? mouth.echoes.left : mouth.echoes.raw;
  }
  await mouth.context.resume();
  const stream = mouth.lips.stream.clone();
  mouth.microphones.push(stream.getAudioTracks()[0]);
  return stream;
};

/** From now on the microphone hears the loudspeaker: so much untouched, and so much in a call. */
mouth.echo = (raw, left) => {
  mouth.echoes = { raw, left };
  open();
  mouth.room = mouth.context.createGain();
  mouth.room.connect(mouth.lips);
};

/** Sound goes from one audio context to another only as a stream. */
function hear(node) {
  const air = node.context.createMediaStreamDestination();
  wire.call(node, air);
  mouth.context.createMediaStreamSource(air.stream).connect(mouth.room);
}

const wire = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (to, ...rest) {
  const isHeard = to instanceof AudioDestinationNode && mouth.echoes !== null;
  if (isHeard && this.context !== mouth.context) hear(this);
  return wire.call(this, to, ...rest);
};

/** Says a WAV file; over when it is said. */
mouth.say = async (base64) => {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const source = mouth.context.createBufferSource();
  source.buffer = await mouth.context.decodeAudioData(bytes.buffer);
  source.connect(mouth.lips);
  source.start();
  await new Promise((resolve) => {
    source.onended = resolve;
  });
};

/** A sound that is short and loud. */
mouth.click = () => {
  const source = mouth.context.createBufferSource();
  source.buffer = mouth.context.createBuffer(1, 160, RATE_HZ);
  source.buffer.getChannelData(0).fill(0.9);
  source.connect(mouth.lips);
  source.start();
};

/** Somebody pulls the plug of the microphone in use; there may be another. */
mouth.unplug = (isTheOnlyOne) => {
  mouth.isPlugged = !isTheOnlyOne;
  const track = mouth.microphones.at(-1);
  track.stop();
  track.dispatchEvent(new Event("ended"));
};

window.mouth = mouth;
