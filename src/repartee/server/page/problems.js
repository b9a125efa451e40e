// Why nothing is heard, in a sentence that says what helps. `way` names the button that helps.

const BY_NAME = {
  NotAllowedError:
    "The microphone is blocked for this page. Allow it in the browser, by the sign beside the " +
    "address, and try again.",
  NotFoundError: "No microphone was found. Plug one in or switch it on, and try again.",
  NotReadableError:
    "The microphone is taken by another program. Close that program, and try again.",
};

const INSECURE =
  "The browser keeps the microphone and the loudspeaker from a page that comes over plain http " +
  "from another machine. Open it over https, or on the server's own machine as localhost. " +
  "You can type here, and read.";

const UNABLE =
  "This browser can't let a page listen and speak. A current Firefox, Chrome, Edge or Safari " +
  "can. You can type here, and read.";

/** What keeps this browser from listening and speaking at all, or null. */
export function obstacle({ isSecureContext, navigator, AudioWorkletNode }) {
  if (!isSecureContext) return { sentence: INSECURE, way: null };
  const able = navigator.mediaDevices?.getUserMedia && AudioWorkletNode;
  return able ? null : { sentence: UNABLE, way: null };
}

/** What went wrong when the microphone was to be opened. */
export function microphoneProblem(error) {
  const name = error?.name ?? "no reason given";
  const unknown = `The microphone could not be opened (${name}). Try again, or type.`;
  return { sentence: Object.hasOwn(BY_NAME, name) ? BY_NAME[name] : unknown, way: "talk" };
}

export const MICROPHONE_GONE = {
  sentence: "The microphone went away. Plug it in again and go on talking.",
  way: "talk",
};

export const MICROPHONE_SILENT = {
  sentence:
    "The microphone gives no sound at all. It may be switched off, on itself or in the settings " +
    "of the system.",
  way: null,
};

export const NO_OUTPUT = {
  sentence:
    "The browser could not open its sound output, so replies can only be read. Check the " +
    "loudspeaker and reload the page.",
  way: null,
};
