// Plays notes while the microphone listens.

import { Microphone } from "../../../client/index.ts";
import { worklets } from "../../app/worklets.ts";
import { type NotesHeard, notesIn } from "./echo.ts";
import { FRAME_MS } from "./listening.ts";
import { chime, NOTES } from "./sounds.ts";

const RATE_HZ = 16_000;
const QUIET_MS = 600;

interface Devices {
  microphone: string;
  speaker: string;
  volume: number;
}

/** Without what the browser does against echo if `plain`; rejects with what the browser says. */
export async function hearNotes(devices: Devices, plain: boolean): Promise<NotesHeard> {
  let frames: Int16Array[] = [];
  const microphone = new Microphone({
    worklet: worklets.capture,
    frameSamples: (RATE_HZ * FRAME_MS) / 1_000,
    onFrame: ({ pcm }) => void frames.push(new Int16Array(pcm)),
    onGone: () => undefined,
    plain,
  });
  const taken = () => {
    const level = notesIn(frames, NOTES, RATE_HZ);
    frames = [];
    return level;
  };
  try {
    await microphone.start(devices.microphone);
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    const before = taken();
    // What takes echo away must hear some of it first, as it does in a call.
    if (!plain) await chime(0, devices.speaker, devices.volume);
    frames = [];
    await chime(0, devices.speaker, devices.volume);
    return { before, during: taken() };
  } finally {
    microphone.stop();
  }
}
