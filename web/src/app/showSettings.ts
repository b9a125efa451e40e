import { createContext, useContext } from "react";

export const ShowSettingsContext = createContext<() => void>(() => undefined);

/** Opens the settings, from wherever they may help. */
export const useShowSettings = () => useContext(ShowSettingsContext);
