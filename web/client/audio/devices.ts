// The microphones and loudspeakers of this machine, as far as the browser tells.

export interface Device {
  id: string;
  label: string;
}

export interface Devices {
  microphones: Device[];
  /** Empty where the browser can't choose one. */
  speakers: Device[];
}

export const NO_DEVICES: Devices = { microphones: [], speakers: [] };

/** Names are given only after the microphone was allowed; unnamed devices are left out. */
export async function listDevices(): Promise<Devices> {
  const found = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
  const of = (kind: MediaDeviceKind) =>
    found
      .filter((device) => device.kind === kind && device.deviceId && device.label)
      .map(({ deviceId, label }) => ({ id: deviceId, label }));
  return {
    microphones: of("audioinput"),
    speakers: canChooseSpeaker() ? of("audiooutput") : [],
  };
}

/** Calls back when something was plugged in or pulled out; gives the function that ends it. */
export function watchDevices(onChange: () => void): () => void {
  const devices = navigator.mediaDevices;
  devices?.addEventListener("devicechange", onChange);
  return () => devices?.removeEventListener("devicechange", onChange);
}

function canChooseSpeaker(): boolean {
  return typeof AudioContext !== "undefined" && "setSinkId" in AudioContext.prototype;
}
