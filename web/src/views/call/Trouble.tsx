import type { ProblemCode } from "../../../client/index.ts";
import { useClient, useClientState, useMessages } from "../../app/context.ts";
import { useShowSettings } from "../../app/showSettings.ts";
import { MESSAGE_FIELD } from "../../hooks/useShortcuts.ts";
import styles from "./Trouble.module.css";

type Way = "retry" | "devices" | "write" | "dismiss";

const WAYS: Record<ProblemCode, readonly Way[]> = {
  insecure: ["write", "dismiss"],
  unsupported: ["write", "dismiss"],
  "mic-blocked": ["retry", "write"],
  "mic-missing": ["retry", "write"],
  "mic-busy": ["retry", "devices", "write"],
  "mic-failed": ["retry", "devices", "write"],
  "mic-gone": ["retry", "devices", "write"],
  "mic-paused": ["dismiss"],
  "mic-silent": ["devices", "dismiss"],
  "device-gone": ["devices", "dismiss"],
  "output-failed": ["devices", "dismiss"],
  server: ["dismiss"],
};

/** What went wrong, in one sentence, with every way out of it as a button. */
export function Trouble() {
  const client = useClient();
  const messages = useMessages();
  const showSettings = useShowSettings();
  const problem = useClientState((state) => state.problem);
  const take: Record<Way, () => void> = {
    retry: () => void client.startCall(),
    devices: showSettings,
    write: () => {
      client.dismiss();
      document.getElementById(MESSAGE_FIELD)?.focus();
    },
    dismiss: () => client.dismiss(),
  };
  return (
    <div className={styles.trouble} role="alert">
      {problem && (
        <div>
          <p>{problem.code === "server" ? problem.sentence : messages.problems[problem.code]}</p>
          {WAYS[problem.code].map((way) => (
            <button key={way} type="button" onClick={take[way]}>
              {messages.ways[way]}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
