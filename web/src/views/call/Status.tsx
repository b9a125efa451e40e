import { isMicOpen, presenceOf } from "../../../client/index.ts";
import { useClientState, useMessages } from "../../app/context.ts";
import { TRACE_BUTTON, useTracePanel } from "../../app/tracePanel.ts";
import { useElapsed } from "../../hooks/useElapsed.ts";
import { TraceIcon } from "../../ui/icons.tsx";
import styles from "./CallView.module.css";

/** One word for what is going on, and how long the call has lasted. */
export function Status() {
  const messages = useMessages();
  const tracePanel = useTracePanel();
  const presence = useClientState(presenceOf);
  const call = useClientState((state) => state.call);
  const isOpen = useClientState(isMicOpen);
  const began = useClientState((state) => state.callBegan);
  const elapsed = useElapsed(began);
  const mayInterrupt = presence === "speaking" && call === "on" && isOpen;
  return (
    <div className={styles.status}>
      <p className={styles.presence}>
        <span>{messages.presence[presence]}</span>
        {mayInterrupt && <small>{messages.mayInterrupt}</small>}
      </p>
      <div className={styles.side}>
        {elapsed !== null && (
          <p className={styles.elapsed}>
            <span className="unseen">{messages.elapsed} </span>
            {`${Math.floor(elapsed / 60)}:${String(elapsed % 60).padStart(2, "0")}`}
          </p>
        )}
        <button
          id={TRACE_BUTTON}
          type="button"
          className={styles.trace}
          aria-expanded={tracePanel.isOpen}
          aria-keyshortcuts="t"
          onClick={tracePanel.toggle}
        >
          <TraceIcon />
          {messages.trace.open}
        </button>
      </div>
    </div>
  );
}
