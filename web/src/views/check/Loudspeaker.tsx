import { useState } from "react";
import { useSurroundings } from "../../app/context.ts";
import { useSettings } from "../../hooks/useSettings.ts";
import styles from "./CheckView.module.css";
import type { Found } from "./CheckView.tsx";
import { Facts, Section } from "./Section.tsx";
import { chime, type Output } from "./sounds.ts";

const SIDES = [-1, 0, 1] as const;

/** Three notes from either side, and what the browser says of its output. */
export function Loudspeaker({ found }: { found: Found }) {
  const { messages } = useSurroundings();
  const { check: words } = messages;
  const { speaker } = useSettings();
  const [isPlaying, setPlaying] = useState(false);
  const [output, setOutput] = useState<Output | "failed" | null>(null);
  const listen = async (side: (typeof SIDES)[number]) => {
    setPlaying(true);
    const result = await chime(side, speaker).catch(() => "failed" as const);
    setOutput(result);
    found("loudspeaker", result);
    setPlaying(false);
  };
  const names = [words.left, words.both, words.right];
  return (
    <Section title={words.loudspeaker}>
      <p>{words.loudspeakerHint}</p>
      <div className={styles.row}>
        {SIDES.map((side, index) => (
          <button
            key={side}
            type="button"
            className="quiet"
            disabled={isPlaying}
            onClick={() => void listen(side)}
          >
            {names[index]}
          </button>
        ))}
      </div>
      <div role="status">
        {output === "failed" && <p className={styles.bad}>{messages.problems["output-failed"]}</p>}
        {output !== null && output !== "failed" && (
          <Facts
            facts={[
              [words.rate, `${output.rate_hz} Hz`],
              [words.channels, output.channels],
              [words.delay, messages.roundTrip(output.latency_ms)],
            ]}
          />
        )}
      </div>
    </Section>
  );
}
