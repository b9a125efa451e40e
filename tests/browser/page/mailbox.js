// Runs before the page does, after the mouth: how long a click is under way from the mouth to the
// socket.

const LOUD = 3_000;
const mailbox = { posted: null };
const post = WebSocket.prototype.send;

WebSocket.prototype.send = function (message) {
  const samples = message instanceof ArrayBuffer ? new Int16Array(message) : [];
  if (samples.some((sample) => Math.abs(sample) > LOUD)) mailbox.posted?.(performance.now());
  return post.call(this, message);
};

mailbox.delayMs = async () => {
  const posted = new Promise((resolve) => {
    mailbox.posted = resolve;
  });
  const said = performance.now();
  mouth.click();
  return (await posted) - said;
};

window.mailbox = mailbox;
