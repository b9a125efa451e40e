// A page that records, has the recording written down, and has the words spoken back to it.
// It names no content type with the recording, as many do: the browser then says text/plain.

import { readFile } from "node:fs/promises";

const [server, file] = process.argv.slice(2);

async function asDataUrl(blob) {
  const data = Buffer.from(await blob.arrayBuffer()).toString("base64");
  return `data:${blob.type || "application/octet-stream"};base64,${data}`;
}

const recorded = new Blob([await readFile(file)]);
const base64 = (await asDataUrl(recorded)).split(",")[1];
const written = await fetch(`${server}/api/voice/transcribe`, {
  method: "POST",
  body: JSON.stringify({ audio_base64: base64, language: "en" }),
});
const heard = await written.json();

const spoken = await fetch(`${server}/api/voice/audio-stream`, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ text: `You said: ${heard.text}`, voice: "af_heart" }),
});
const sound = await spoken.blob();

console.log(JSON.stringify({
  heard,
  statuses: [written.status, spoken.status],
  contentType: sound.type,
  sound: Buffer.from(await sound.arrayBuffer()).toString("base64"),
}));
