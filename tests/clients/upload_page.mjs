// A page that records first: it uploads the recording as a blob, and reads the stream of events.

import { readFile } from "node:fs/promises";

const [server, file] = process.argv.slice(2);

const recorded = new Blob([await readFile(file)], { type: "audio/webm" });
const uploaded = await fetch(`${server}/upload`, { method: "POST", body: recorded });
const { session_id: id } = await uploaded.json();

const stream = await fetch(`${server}/stream/${id}`, { headers: { Accept: "text/event-stream" } });
const events = [];
let rest = "";
for await (const piece of stream.body.pipeThrough(new TextDecoderStream())) {
  const blocks = (rest + piece).split("\n\n");
  rest = blocks.pop();
  for (const block of blocks) events.push(JSON.parse(block.replace(/^data: /, "")));
}

console.log(JSON.stringify({ id, contentType: stream.headers.get("content-type"), rest, events }));
