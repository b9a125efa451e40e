import { useState } from "react";
import { type Probed, percentile, probe, socketUrl, withToken } from "../../../client/index.ts";
import { useSurroundings } from "../../app/context.ts";
import styles from "./CheckView.module.css";
import type { Found } from "./CheckView.tsx";
import { Facts, Section } from "./Section.tsx";

const PINGS = 20;

type Outcome = Probed | "failed" | "running" | null;

/** How long a message takes to the server and back, on a connection of its own. */
export function Connection({ found }: { found: Found }) {
  const { config, messages } = useSurroundings();
  const { check: words } = messages;
  const [outcome, setOutcome] = useState<Outcome>(null);
  const run = async () => {
    setOutcome("running");
    const url = socketUrl(config.websocketUrl, location.href);
    const probed = await Promise.resolve(withToken(url, document.baseURI))
      .then((address) => probe(address, PINGS))
      .catch(() => "failed" as const);
    setOutcome(probed);
    found("connection", probed === "failed" ? probed : figuresOf(probed));
  };
  const figures = outcome !== null && typeof outcome === "object" ? figuresOf(outcome) : null;
  return (
    <Section title={words.connection}>
      <p>{words.connectionHint(PINGS)}</p>
      <button
        type="button"
        className="quiet"
        disabled={outcome === "running"}
        onClick={() => void run()}
      >
        {outcome === "running" ? words.running : words.measure}
      </button>
      <div role="status">
        {outcome === "failed" && <p className={styles.bad}>{messages.unreachable}</p>}
        {figures && (
          <>
            <Facts
              facts={[
                [words.opened, messages.roundTrip(figures.open_ms)],
                [words.usual, messages.roundTrip(figures.median_ms)],
                [words.fastest, messages.roundTrip(figures.least_ms)],
                [words.slowest, messages.roundTrip(figures.most_ms)],
              ]}
            />
            <Pings times={(outcome as Probed).roundTripsMs} />
          </>
        )}
      </div>
    </Section>
  );
}

/** Each ping as a bar, so that an uneven way is seen at once. */
function Pings({ times }: { times: number[] }) {
  const longest = Math.max(...times, 1);
  return (
    <div className={styles.pings} aria-hidden="true">
      {times.map((time, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a ping has no other name
        <span key={index} style={{ height: `${Math.max(6, (time / longest) * 100)}%` }} />
      ))}
    </div>
  );
}

function figuresOf({ openMs, roundTripsMs }: Probed) {
  const at = (percent: number) => tenths(percentile(roundTripsMs, percent) ?? 0);
  return { open_ms: Math.round(openMs), least_ms: at(0), median_ms: at(50), most_ms: at(100) };
}

const tenths = (ms: number) => Math.round(ms * 10) / 10;
