// Why nothing is heard, as a code. The page has a sentence and a way out for each.

import type { Problem, ProblemCode } from "./state.ts";

const BY_NAME: Record<string, ProblemCode> = {
  NotAllowedError: "mic-blocked",
  SecurityError: "mic-blocked",
  NotFoundError: "mic-missing",
  OverconstrainedError: "device-gone",
  NotReadableError: "mic-busy",
  AbortError: "mic-busy",
};

/** What keeps this browser from listening and speaking at all, or null. */
export function obstacle(): Problem | null {
  if (!globalThis.isSecureContext) return { code: "insecure" };
  const isAble =
    typeof AudioWorkletNode !== "undefined" && "getUserMedia" in (navigator.mediaDevices ?? {});
  return isAble ? null : { code: "unsupported" };
}

/** What went wrong when the microphone was to be opened. */
export function microphoneProblem(error: unknown): Problem {
  const name = error instanceof Error ? error.name : "";
  return { code: BY_NAME[name] ?? "mic-failed" };
}
