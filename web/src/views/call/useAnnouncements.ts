import { useEffect, useRef, useState } from "react";
import { useClient, useClientState, useMessages, useSurroundings } from "../../app/context.ts";

/**
 * What a screen reader says. A voice that speaks and a reader that reads the same would talk over
 * each other, so replies are read out only where they can't be heard.
 */
export function useAnnouncements(): string {
  const client = useClient();
  const messages = useMessages();
  const { config, preferences } = useSurroundings();
  const call = useClientState((state) => state.call);
  const [announcement, announce] = useState("");
  const volume = preferences.volume ?? config.defaultVolume;
  const isHeard = config.enableAudio && volume > 0;
  const latest = useClientState(({ items }) =>
    items.findLast((item) => item.kind === "reply" && item.status === "complete" && !item.earlier),
  );
  const text = latest?.kind === "reply" ? latest.text : "";
  useEffect(() => {
    if (call === "on") announce(messages.announce.listening);
    return () => {
      if (client.state.call === "off") announce(messages.announce.off);
    };
  }, [call, client, messages]);
  useEffect(() => {
    if (!isHeard && text) announce(text);
  }, [isHeard, text]);
  const link = useClientState((state) => state.link);
  const wasLost = useRef(false);
  useEffect(() => {
    if (link === "waiting" && client.state.met) {
      wasLost.current = true;
      announce(messages.announce.lost);
    } else if (link === "open" && wasLost.current) {
      wasLost.current = false;
      announce(messages.announce.found);
    }
  }, [link, client, messages]);
  return announcement;
}
