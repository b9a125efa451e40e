import { useMemo } from "react";
import { useSurroundings } from "../../app/context.ts";
import type { Names } from "./scriptText.ts";

/** How the two sides are called. */
export function useNames(): Names {
  const { config, messages } = useSurroundings();
  return useMemo(
    () => ({
      you: messages.you,
      it: (persona) =>
        config.personas.find(({ value }) => value === persona)?.label ?? messages.assistant,
      unheard: messages.history.unheard,
    }),
    [config, messages],
  );
}
