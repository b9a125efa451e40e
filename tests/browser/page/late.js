// Runs before the page does: its loudspeaker is ready only when a test says so.

const late = {};
const ready = new Promise((resolve) => {
  late.comes = resolve;
});
const add = AudioWorklet.prototype.addModule;

AudioWorklet.prototype.addModule = async function (...address) {
  await ready;
  return add.apply(this, address);
};

window.late = late;
