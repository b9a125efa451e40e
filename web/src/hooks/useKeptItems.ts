import { useEffect } from "react";
import { type Client, type Config, saveItems } from "../../client/index.ts";

const KEEP_AFTER_MS = 1_000;

/** Keeps what was said: soon, not at every word, and at the latest when the page goes away. */
export function useKeptItems(client: Client | null, config: Config | null): void {
  useEffect(() => {
    if (client === null || config === null) return;
    const limit = config.saveHistory ? config.historyLimit : 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let kept = client.state.items;
    const keep = () => {
      clearTimeout(timer);
      timer = undefined;
      const { items } = client.state;
      if (items !== kept) saveItems(items, limit);
      kept = items;
    };
    const forget = client.store.subscribe(() => {
      if (client.state.items !== kept) timer ??= setTimeout(keep, KEEP_AFTER_MS);
    });
    addEventListener("pagehide", keep);
    return () => {
      forget();
      keep();
      removeEventListener("pagehide", keep);
    };
  }, [client, config]);
}
