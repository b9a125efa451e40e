import { type Course, percentile } from "../../../client/index.ts";
import { useMessages } from "../../app/context.ts";
import { secondsOf } from "../../ui/seconds.ts";
import styles from "./TracePanel.module.css";

const BARS = 24;

interface GapsProps {
  courses: Course[];
  shown: Course;
  /** Says which turn to look at, by its reply. */
  onChoose: (item: number) => void;
}

/** The gaps of the latest turns beside each other, and what is usual. */
export function Gaps({ courses, shown, onChoose }: GapsProps) {
  const { trace: words } = useMessages();
  const gaps = courses.flatMap(({ gapMs }) => (gapMs === null ? [] : [gapMs]));
  const [half, most] = [percentile(gaps, 50), percentile(gaps, 95)];
  const longest = Math.max(...gaps, 1);
  const latest = courses.filter(({ gapMs, reply }) => gapMs !== null && reply !== null);
  return (
    <section className={styles.gaps} aria-label={words.gaps}>
      {half !== null && most !== null && (
        <dl>
          <div>
            <dt>{words.half}</dt>
            <dd>{secondsOf(half)}</dd>
          </div>
          <div>
            <dt>{words.most}</dt>
            <dd>{secondsOf(most)}</dd>
          </div>
          <div>
            <dt>{words.turns}</dt>
            <dd>{gaps.length}</dd>
          </div>
        </dl>
      )}
      <ol className={styles.strip}>
        {latest.slice(-BARS).map(({ turn, reply, gapMs, outcome }) => (
          <li key={turn}>
            <button
              type="button"
              aria-label={words.turnTook(secondsOf(gapMs ?? 0))}
              aria-pressed={turn === shown.turn}
              data-outcome={outcome}
              onClick={() => reply && onChoose(reply.id)}
            >
              <span style={{ height: `${Math.max(6, ((gapMs ?? 0) / longest) * 100)}%` }} />
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
