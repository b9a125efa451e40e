import { useCallback, useState } from "react";
import { useMessages } from "../../app/context.ts";
import { Browser } from "./Browser.tsx";
import styles from "./CheckView.module.css";
import { Connection } from "./Connection.tsx";
import { EchoTest } from "./EchoTest.tsx";
import { Loudspeaker } from "./Loudspeaker.tsx";
import { MessageList } from "./MessageList.tsx";
import { MicrophoneTest } from "./MicrophoneTest.tsx";
import { Report } from "./Report.tsx";
import type { Findings } from "./report.ts";

/** Tells one section's findings to the report. */
export type Found = (section: string, what: unknown) => void;

/** For when something does not work: each part of a call tried alone, and a report of it all. */
export function CheckView() {
  const { check: words } = useMessages();
  const [findings, setFindings] = useState<Findings>({});
  const found = useCallback<Found>((section, what) => {
    setFindings((before) => ({ ...before, [section]: what }));
  }, []);
  return (
    <main className={styles.view}>
      <div>
        <h2>{words.title}</h2>
        <p className={styles.lead}>{words.lead}</p>
        <Connection found={found} />
        <MicrophoneTest found={found} />
        <Loudspeaker found={found} />
        <EchoTest found={found} />
        <Browser found={found} />
        <MessageList />
        <Report findings={findings} />
      </div>
    </main>
  );
}
