import { lazy, useEffect, useRef } from "react";
import { presenceOf } from "../../../client/index.ts";
import { useClientState, useMessages } from "../../app/context.ts";
import { TracePanelContext } from "../../app/tracePanel.ts";
import { useShortcuts } from "../../hooks/useShortcuts.ts";
import { Later } from "../../ui/Later.tsx";
import styles from "./CallView.module.css";
import { Composer } from "./Composer.tsx";
import { Controls } from "./Controls.tsx";
import { Script } from "./Script.tsx";
import { Status } from "./Status.tsx";
import { Trouble } from "./Trouble.tsx";
import { useAnnouncements } from "./useAnnouncements.ts";
import { useTracePanelState } from "./useTracePanelState.ts";
import { VoiceLine } from "./VoiceLine.tsx";
import { Welcome } from "./Welcome.tsx";

const TracePanel = lazy(async () => ({
  default: (await import("../trace/TracePanel.tsx")).TracePanel,
}));

/** Talking: what was said above the line, who is heard on it, and what can be done below. */
export function CallView() {
  const messages = useMessages();
  const presence = useClientState(presenceOf);
  const call = useClientState((state) => state.call);
  const isFresh = useClientState(({ items, interim }) => items.length === 0 && interim === "");
  const announcement = useAnnouncements();
  const main = useRef<HTMLElement>(null);
  const tracePanel = useTracePanelState();
  useShortcuts(tracePanel.toggle);
  useEffect(() => {
    // The button that began the call is gone; the keys go on from here, space being the talk key.
    if (call === "on") main.current?.focus({ preventScroll: true });
  }, [call]);
  return (
    <TracePanelContext value={tracePanel}>
      <div className={styles.room}>
        <main ref={main} className={styles.view} data-presence={presence} tabIndex={-1}>
          {isFresh ? <Welcome /> : <Script />}
          <Trouble />
          <section className={styles.stage} aria-label={messages.talking}>
            <Status />
            <VoiceLine />
            <Controls />
            <Composer />
          </section>
          <p className="unseen" aria-live="polite">
            {announcement}
          </p>
        </main>
        {tracePanel.isOpen && (
          <Later>
            <TracePanel />
          </Later>
        )}
      </div>
    </TracePanelContext>
  );
}
