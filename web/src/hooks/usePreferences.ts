import { useCallback, useState } from "react";
import { loadPreferences, type Preferences, savePreferences } from "../../client/index.ts";

/** What this browser's user chose, kept as it changes. */
export function usePreferences(): [Preferences, (change: Partial<Preferences>) => void] {
  const [preferences, setPreferences] = useState(loadPreferences);
  const prefer = useCallback((change: Partial<Preferences>) => {
    setPreferences((before) => {
      const after = { ...before, ...change };
      savePreferences(after);
      return after;
    });
  }, []);
  return [preferences, prefer];
}
