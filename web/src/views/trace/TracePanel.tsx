import { type KeyboardEvent, useId } from "react";
import { type Course, courseOf } from "../../../client/index.ts";
import { useClientState, useSurroundings } from "../../app/context.ts";
import { useTracePanel } from "../../app/tracePanel.ts";
import { CloseIcon, SaveIcon } from "../../ui/icons.tsx";
import { save } from "../../ui/save.ts";
import { Gaps } from "./Gaps.tsx";
import styles from "./TracePanel.module.css";
import { Turn } from "./Turn.tsx";
import { traceFile } from "./traceFile.ts";

/** Where the time went: the gap of every turn, and the course of one. */
export function TracePanel() {
  const { client, config, messages } = useSurroundings();
  const { chosen, choose, close } = useTracePanel();
  const traces = useClientState((state) => state.traces);
  const items = useClientState((state) => state.items);
  const title = useId();
  const words = messages.trace;
  const courses = traces.map((trace) => courseOf({ ...client.state, items }, trace));
  const course = courseToShow(courses, chosen);
  const closeOnEscape = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  };
  return (
    <aside className={styles.panel} aria-labelledby={title} onKeyDown={closeOnEscape}>
      <header className={styles.head}>
        <h2 id={title}>{words.title}</h2>
        {courses.length > 0 && (
          <button
            type="button"
            className="round"
            aria-label={words.save}
            title={words.save}
            onClick={() => save("repartee-trace.json", traceFile(client.state, config))}
          >
            <SaveIcon />
          </button>
        )}
        <button type="button" className="round" aria-label={words.close} onClick={close}>
          <CloseIcon />
        </button>
      </header>
      {course === undefined ? (
        <p className={styles.empty}>{words.empty}</p>
      ) : (
        <>
          <Gaps courses={courses} shown={course} onChoose={choose} />
          <Turn course={course} />
        </>
      )}
    </aside>
  );
}

/** The turn that was chosen by its reply, or the newest. */
function courseToShow(courses: Course[], chosen: number | null): Course | undefined {
  const found = courses.findLast(({ reply }) => reply !== null && reply.id === chosen);
  return found ?? courses.findLast(({ steps }) => steps.length > 0);
}
