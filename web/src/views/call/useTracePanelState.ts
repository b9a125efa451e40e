import { useMemo, useState } from "react";
import { useSurroundings } from "../../app/context.ts";
import type { TracePanelState } from "../../app/tracePanel.ts";

/** Whether the trace is shown is kept in this browser; which turn is looked at is not. */
export function useTracePanelState(): TracePanelState {
  const { preferences, prefer } = useSurroundings();
  const [chosen, setChosen] = useState<number | null>(null);
  const isOpen = preferences.trace === true;
  return useMemo(() => {
    const show = (trace: boolean) => {
      setChosen(null);
      prefer({ trace });
    };
    return {
      isOpen,
      chosen,
      choose: (item: number) => {
        setChosen(item);
        prefer({ trace: true });
      },
      toggle: () => show(!isOpen),
      close: () => show(false),
    };
  }, [isOpen, chosen, prefer]);
}
