import capture from "../../client/audio/capture.worklet.ts?worker&url";
import playback from "../../client/audio/playback.worklet.ts?worker&url";

/** The addresses of the two compiled audio worklets. */
export const worklets = { capture, playback };
