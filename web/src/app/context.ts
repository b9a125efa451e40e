// What every part of the page may ask for: the client, the server's settings, the user's, the words.

import { createContext, useContext, useSyncExternalStore } from "react";
import type { Client, Config, Preferences, State } from "../../client/index.ts";
import type { Messages } from "../messages/index.ts";

export interface Surroundings {
  client: Client;
  config: Config;
  preferences: Preferences;
  prefer: (change: Partial<Preferences>) => void;
  messages: Messages;
}

export const SurroundingsContext = createContext<Surroundings | null>(null);

export function useSurroundings(): Surroundings {
  const surroundings = useContext(SurroundingsContext);
  if (surroundings === null) throw new Error("This part must stand inside the application.");
  return surroundings;
}

export const useMessages = () => useSurroundings().messages;
export const useClient = () => useSurroundings().client;

/** A part of the client's state; whoever asks is drawn again only when that part changes. */
export function useClientState<Part>(part: (state: State) => Part): Part {
  const { store } = useClient();
  return useSyncExternalStore(store.subscribe, () => part(store.getSnapshot()));
}
