import { useState } from "react";
import { microphoneProblem, type ProblemCode } from "../../../client/index.ts";
import { useSurroundings } from "../../app/context.ts";
import { useSettings } from "../../hooks/useSettings.ts";
import styles from "./CheckView.module.css";
import type { Found } from "./CheckView.tsx";
import { type Echo, echoOf } from "./echo.ts";
import { hearNotes } from "./hearNotes.ts";
import { Facts, Section } from "./Section.tsx";

type Outcome = Echo | Exclude<ProblemCode, "server"> | null;

/** Whether replies come back through the microphone, untouched and as a call would hear them. */
export function EchoTest({ found }: { found: Found }) {
  const { messages } = useSurroundings();
  const { check: words, problems } = messages;
  const settings = useSettings();
  const [isListening, setListening] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>(null);
  const listen = async () => {
    setListening(true);
    setOutcome(null);
    const result = await heard(settings);
    setOutcome(result);
    found("echo", result);
    setListening(false);
  };
  return (
    <Section title={words.echo}>
      <p>{words.echoHint}</p>
      <button type="button" className="quiet" disabled={isListening} onClick={() => void listen()}>
        {isListening ? words.listening : words.listen}
      </button>
      <div role="status">
        {typeof outcome === "string" && <p className={styles.bad}>{problems[outcome]}</p>}
        {outcome !== null && typeof outcome === "object" && (
          <>
            <p className={outcome.verdict === "leaks" ? styles.bad : undefined}>
              {words.echoes[outcome.verdict]}
            </p>
            <Facts
              facts={[
                [words.asPlayed, `${outcome.rawDb} dB`],
                [words.leftOver, `${outcome.leftDb} dB`],
              ]}
            />
          </>
        )}
      </div>
    </Section>
  );
}

async function heard(devices: Parameters<typeof hearNotes>[0]): Promise<NonNullable<Outcome>> {
  try {
    return echoOf(await hearNotes(devices, true), await hearNotes(devices, false));
  } catch (error) {
    const { code } = microphoneProblem(error);
    return code === "server" ? "mic-failed" : code;
  }
}
