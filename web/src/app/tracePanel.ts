import { createContext, useContext } from "react";

/** The button that opens the panel, and has the focus again when it is closed. */
export const TRACE_BUTTON = "trace";

export interface TracePanelState {
  isOpen: boolean;
  /** The reply whose turn is to be seen; null for the newest. */
  chosen: number | null;
  /** Opens the panel at the turn of this reply. */
  choose: (item: number) => void;
  toggle: () => void;
  close: () => void;
}

export const TracePanelContext = createContext<TracePanelState>({
  isOpen: false,
  chosen: null,
  choose: () => undefined,
  toggle: () => undefined,
  close: () => undefined,
});

export const useTracePanel = () => useContext(TracePanelContext);
