import type { ReactNode } from "react";
import styles from "./CheckView.module.css";

interface SectionProps {
  title: string;
  children: ReactNode;
}

/** One thing to check: its name in the margin, and what is found beside it. */
export function Section({ title, children }: SectionProps) {
  return (
    <section className={styles.section}>
      <h3>{title}</h3>
      <div>{children}</div>
    </section>
  );
}

/** Figures with their names, in one row. */
export function Facts({ facts }: { facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
