import styles from "./TracePanel.module.css";

const PITCH = 5;
const HEIGHTS = [9, 18, 22, 12, 5];
const MIDDLE = 12;

/** A voice that falls silent, the silence, and the voice that answers. */
export function Voices() {
  return (
    <div className={styles.voices} aria-hidden="true">
      <Voice who="you" heights={HEIGHTS} />
      <hr />
      <Voice who="it" heights={HEIGHTS.toReversed()} />
    </div>
  );
}

function Voice({ who, heights }: { who: "you" | "it"; heights: readonly number[] }) {
  const marks = heights.map((height, bar) => {
    const x = bar * PITCH + 1.5;
    return `M${x} ${MIDDLE - height / 2}v${height}`;
  });
  const width = heights.length * PITCH;
  return (
    <svg data-who={who} viewBox={`0 0 ${width} 24`} width={width} height={24} aria-hidden="true">
      <path d={marks.join("")} />
    </svg>
  );
}
