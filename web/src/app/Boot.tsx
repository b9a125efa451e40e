// Before there is a client: the server's settings are fetched until they come.

import { useEffect, useMemo, useState } from "react";
import {
  Client,
  type Config,
  fetchConfig,
  keepKey,
  loadItems,
  loadPreferences,
  shownKey,
  withToken,
} from "../../client/index.ts";
import { useKeptItems } from "../hooks/useKeptItems.ts";
import { usePreferences } from "../hooks/usePreferences.ts";
import { useTheme } from "../hooks/useTheme.ts";
import { useTongue } from "../hooks/useTongue.ts";
import { offered } from "../settings/offered.ts";
import styles from "./App.module.css";
import { App } from "./App.tsx";
import { SurroundingsContext } from "./context.ts";
import { KeyForm } from "./KeyForm.tsx";
import { worklets } from "./worklets.ts";

const TRY_AGAIN_MS = 2_000;

export function Boot() {
  const [preferences, prefer] = usePreferences();
  const [config, setConfig] = useState<Config | null>(null);
  const [client, setClient] = useState<Client | null>(null);
  const [hasFailed, setFailed] = useState(false);
  const [isLocked, setLocked] = useState(false);
  const [key, setKey] = useState<string | null>(null);
  const messages = useTongue(preferences.tongue);
  useTheme(preferences.theme);
  useKeptItems(client, config);

  useEffect(() => {
    if (key !== null) keepKey(key);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let made: Client | null = null;
    let isOver = false;
    const boot = async () => {
      const found = await fetchConfig(new URL("config", document.baseURI).href, shownKey());
      if (isOver) return;
      setLocked(found === "locked");
      if (found === "locked") return;
      setFailed(found === null);
      if (found === null) {
        timer = setTimeout(boot, TRY_AGAIN_MS);
        return;
      }
      made = clientFor(found);
      setConfig(found);
      setClient(made);
      made.open();
    };
    void boot();
    return () => {
      isOver = true;
      clearTimeout(timer);
      made?.close();
    };
  }, [key]);

  const surroundings = useMemo(
    () => client && config && { client, config, preferences, prefer, messages },
    [client, config, preferences, prefer, messages],
  );
  if (isLocked) {
    return <KeyForm words={messages.locked} wasWrong={key !== null} onKey={setKey} />;
  }
  if (surroundings === null) {
    return (
      <p className={styles.boot} role="status">
        {hasFailed ? messages.unreachable : ""}
      </p>
    );
  }
  return (
    <SurroundingsContext value={surroundings}>
      <App />
    </SurroundingsContext>
  );
}

function clientFor(config: Config): Client {
  const { choices, volume, talkMode, microphone, speaker } = loadPreferences();
  const client = new Client({
    config,
    worklets,
    choices: offered(choices, config),
    volume: volume ?? config.defaultVolume,
    microphone,
    speaker,
    trace: true,
    token: (url) => withToken(url, document.baseURI),
  });
  if (talkMode) client.setTalkMode(talkMode);
  if (config.saveHistory) client.restore(loadItems(config.historyLimit));
  return client;
}
