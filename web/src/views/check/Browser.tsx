import { useEffect, useMemo } from "react";
import { useMessages } from "../../app/context.ts";
import styles from "./CheckView.module.css";
import type { Found } from "./CheckView.tsx";
import { Section } from "./Section.tsx";
import { type Ability, PAGE_ABILITIES, pageAbilities, playable, recordable } from "./support.ts";

/** What this browser can do of what a call needs or may use. */
export function Browser({ found }: { found: Found }) {
  const { check: words } = useMessages();
  const [can, records, plays] = useMemo(() => [pageAbilities(), recordable(), playable()], []);
  useEffect(() => {
    const names = (abilities: Ability[]) =>
      abilities.filter((one) => one.can).map(({ name }) => name);
    found("browser_can", { ...can, records: names(records), plays: names(plays) });
  }, [found, can, records, plays]);
  const page = PAGE_ABILITIES.map((name) => ({ name: words.abilities[name], can: can[name] }));
  return (
    <Section title={words.browser}>
      <div className={styles.abilities}>
        <Abilities title={words.canDo} abilities={page} />
        <Abilities title={words.records} abilities={records} />
        <Abilities title={words.plays} abilities={plays} />
      </div>
    </Section>
  );
}

function Abilities({ title, abilities }: { title: string; abilities: Ability[] }) {
  const { check: words } = useMessages();
  return (
    <section>
      <h4>{title}</h4>
      <ul>
        {abilities.map(({ name, can }) => (
          <li key={name} data-can={can}>
            <b role="img" aria-label={can ? words.yes : words.no}>
              {can ? "✓" : "–"}
            </b>{" "}
            {name}
          </li>
        ))}
      </ul>
    </section>
  );
}
