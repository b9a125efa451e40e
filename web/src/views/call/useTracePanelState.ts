import { useMemo, useState } from "react";
import { useSurroundings } from "../../app/context.ts";
import { TRACE_BUTTON, type TracePanelState } from "../../app/tracePanel.ts";

/** Where there is room beside the call; elsewhere the panel covers its buttons. */
const ROOMY = "(min-width: 60.01rem)";

/** Whether the trace is shown is kept in this browser; which turn is looked at is not. */
export function useTracePanelState(): TracePanelState {
  const { preferences, prefer } = useSurroundings();
  const [isOpen, setOpen] = useState(preferences.trace === true && matchMedia(ROOMY).matches);
  const [chosen, setChosen] = useState<number | null>(null);
  return useMemo(() => {
    const show = (trace: boolean, item: number | null) => {
      setOpen(trace);
      setChosen(item);
      prefer({ trace });
    };
    return {
      isOpen,
      chosen,
      choose: (item) => show(true, item),
      toggle: () => show(!isOpen, null),
      close: () => {
        show(false, null);
        document.getElementById(TRACE_BUTTON)?.focus();
      },
    };
  }, [isOpen, chosen, prefer]);
}
