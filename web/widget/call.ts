// One call from a page that may have come from elsewhere: everything is asked of the widget's server.

import capture from "../client/audio/capture.worklet.ts?worker&url";
import playback from "../client/audio/playback.worklet.ts?worker&url";
import { Client } from "../client/client.ts";
import { type Config, fetchConfig } from "../client/config.ts";
import { addToken } from "../client/key.ts";
import type { Choices } from "../client/protocol.ts";
import { socketUrl } from "../client/socket.ts";
import { offered } from "../src/settings/offered.ts";

/** Gives a token for a server that asks for keys; "" for one that doesn't. */
export type Token = () => Promise<string>;

/** The server's settings, with an address that holds for a page of another origin; null without any. */
export async function settingsOf(server: string, token: Token): Promise<Config | null> {
  const url = await withToken(new URL("config", server).href, token).catch(() => null);
  const config = url && (await fetchConfig(url));
  if (!config || config === "locked") return null;
  return { ...config, websocketUrl: socketUrl(config.websocketUrl, server) };
}

export const clientFor = (config: Config, choices: Choices, token: Token) =>
  new Client({
    config,
    choices: offered(choices, config),
    worklets: { capture, playback },
    token: (url) => withToken(url, token),
  });

async function withToken(url: string, token: Token): Promise<string> {
  const shown = await token();
  return shown === "" ? url : addToken(url, shown);
}
