// What this browser can do of what a voice page may want.

export interface Ability {
  name: string;
  can: boolean;
}

const RECORDED = [
  ["WebM, Opus", "audio/webm;codecs=opus"],
  ["Ogg, Opus", "audio/ogg;codecs=opus"],
  ["MP4, AAC", "audio/mp4;codecs=mp4a.40.2"],
  ["MP4, Opus", "audio/mp4;codecs=opus"],
] as const;

const PLAYED = [
  ["WAV", 'audio/wav; codecs="1"'],
  ["MP3", "audio/mpeg"],
  ["Ogg, Opus", 'audio/ogg; codecs="opus"'],
  ["WebM, Opus", 'audio/webm; codecs="opus"'],
  ["MP4, AAC", 'audio/mp4; codecs="mp4a.40.2"'],
  ["FLAC", "audio/flac"],
] as const;

export const PAGE_ABILITIES = [
  "secure",
  "microphone",
  "worklets",
  "outputs",
  "awake",
  "codecs",
] as const;
export type PageAbility = (typeof PAGE_ABILITIES)[number];

export function pageAbilities(): Record<PageAbility, boolean> {
  return {
    secure: globalThis.isSecureContext,
    microphone: "getUserMedia" in (navigator.mediaDevices ?? {}),
    worklets: typeof AudioWorkletNode !== "undefined",
    outputs: typeof AudioContext !== "undefined" && "setSinkId" in AudioContext.prototype,
    awake: "wakeLock" in navigator,
    codecs: typeof AudioEncoder !== "undefined" && typeof AudioDecoder !== "undefined",
  };
}

export function recordable(): Ability[] {
  const can = (type: string) =>
    typeof MediaRecorder !== "undefined" && MediaRecorder.isTypeSupported(type);
  return RECORDED.map(([name, type]) => ({ name, can: can(type) }));
}

export function playable(): Ability[] {
  const audio = document.createElement("audio");
  return PLAYED.map(([name, type]) => ({ name, can: audio.canPlayType(type) !== "" }));
}
