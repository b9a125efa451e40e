import { type Course, type Stage, type Step, shareOf } from "../../../client/index.ts";
import { useSurroundings } from "../../app/context.ts";
import { secondsOf } from "../../ui/seconds.ts";
import styles from "./TracePanel.module.css";
import { Voices } from "./Voices.tsx";

/** Whose work a stage is. */
const ENGINES: Partial<Record<Stage, string>> = {
  stt_done: "stt",
  llm_first_token: "llm",
  tts_first_chunk: "tts",
};

/** The course of one turn: a bar for each stage, which touch and add up, and what each clock says. */
export function Turn({ course }: { course: Course }) {
  const { config, messages } = useSurroundings();
  const { trace: words } = messages;
  const { steps, slowest, gapMs, events } = course;
  const whole = Math.max(...steps.map(({ toMs }) => toMs), 1);
  return (
    <section className={styles.turn} aria-label={words.turn}>
      <p className={styles.gap}>
        <strong>{gapMs === null ? "–" : secondsOf(gapMs)}</strong>
        <span>{gapMs === null ? words.silent : words.gap}</span>
      </p>
      <Voices />
      <table className={styles.steps}>
        <caption className="unseen">{words.caption}</caption>
        <thead>
          <tr>
            <th scope="col">
              <span className="unseen">{words.stage}</span>
            </th>
            <th scope="col">{words.server}</th>
            <th scope="col">{words.page}</th>
          </tr>
        </thead>
        <tbody>
          {steps.map((step) => (
            <tr key={step.stage} data-slowest={step === slowest}>
              <th scope="row">
                {words.stages[step.stage]}
                <small>{config.engines[ENGINES[step.stage] ?? ""]}</small>
                <Bar step={step} whole={whole} />
              </th>
              <td>{words.ms(step.serverMs)}</td>
              <td>{words.ms(step.pageMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {steps.some(({ work, fromMs }) => work !== null && work[0] < fromMs) && (
        <p className={styles.legend}>{words.legend}</p>
      )}
      {slowest && shareOf(slowest) > 0 && (
        <p className={styles.why}>
          {words.why(
            words.stages[slowest.stage],
            Math.round(shareOf(slowest)),
            Math.round(steps.at(-1)?.toMs ?? 0),
          )}
        </p>
      )}
      {course.outcome === "interrupted" && <p className={styles.why}>{words.interrupted}</p>}
      <details className={styles.events}>
        <summary>{words.events(events.length)}</summary>
        <ol>
          {events.map(({ event, ms }) => (
            <li key={event}>
              <code>{event}</code> <span>{words.ms(ms)}</span>
            </li>
          ))}
        </ol>
      </details>
    </section>
  );
}

/** Solid: what the turn waited for. Hatched: what was done meanwhile. */
function Bar({ step, whole }: { step: Step; whole: number }) {
  const placed = (from: number, to: number) => ({
    left: `${(from / whole) * 100}%`,
    width: `${((to - from) / whole) * 100}%`,
  });
  return (
    <span className={styles.track} aria-hidden="true">
      {step.work && <i style={placed(...step.work)} />}
      <b style={placed(step.fromMs, step.toMs)} />
    </span>
  );
}
