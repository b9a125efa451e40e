// The user's choices: kept in this browser, and told to whom they concern.

import { useMemo } from "react";
import type { Choices, TalkMode } from "../../client/index.ts";
import { useSurroundings } from "../app/context.ts";
import { offered } from "../settings/offered.ts";

export function useSettings() {
  const { client, config, preferences, prefer } = useSurroundings();
  const choices = useMemo(() => offered(preferences.choices, config), [preferences, config]);
  const choose = (chosen: Choices) => {
    prefer({ choices: chosen });
    client.choose(chosen);
  };
  return {
    choices,
    volume: preferences.volume ?? config.defaultVolume,
    microphone: preferences.microphone ?? "",
    speaker: preferences.speaker ?? "",

    /** An empty value is the server's own choice. A persona brings its own voice. */
    set(name: "persona" | "voice" | "language", value: string) {
      const chosen = { ...choices };
      if (value) chosen[name] = value;
      else delete chosen[name];
      if (name === "persona") delete chosen.voice;
      choose(chosen);
    },
    setSpeed(speed: number) {
      choose({ ...choices, speed });
    },
    setVolume(volume: number) {
      prefer({ volume });
      client.speaker.volume = volume;
    },
    setMicrophone(microphone: string) {
      prefer({ microphone });
      void client.ear.choose(microphone);
    },
    setSpeaker(speaker: string) {
      prefer({ speaker });
      void client.chooseSpeaker(speaker);
    },
    setTalkMode(talkMode: TalkMode) {
      prefer({ talkMode });
      client.setTalkMode(talkMode);
    },
  };
}
