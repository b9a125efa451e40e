// One call from a page that may have come from elsewhere: everything is asked of the widget's server.

import capture from "../client/audio/capture.worklet.ts?worker&url";
import playback from "../client/audio/playback.worklet.ts?worker&url";
import { Client } from "../client/client.ts";
import { type Config, fetchConfig } from "../client/config.ts";
import type { Choices } from "../client/protocol.ts";
import { socketUrl } from "../client/socket.ts";
import { offered } from "../src/settings/offered.ts";

/** The server's settings, with an address that holds for a page of another origin; null without any. */
export async function settingsOf(server: string): Promise<Config | null> {
  const config = await fetchConfig(new URL("config", server).href);
  return config && { ...config, websocketUrl: socketUrl(config.websocketUrl, server) };
}

export const clientFor = (config: Config, choices: Choices) =>
  new Client({ config, choices: offered(choices, config), worklets: { capture, playback } });
