import { useState } from "react";
import type { Item } from "../../../client/index.ts";
import { useClientState, useSurroundings } from "../../app/context.ts";
import { save } from "../../ui/save.ts";
import { Heading } from "./Heading.tsx";
import styles from "./HistoryView.module.css";
import { PastScript } from "./PastScript.tsx";
import { scriptText } from "./scriptText.ts";
import { useNames } from "./useNames.ts";

/** What this browser keeps, so that it is there when the page is opened again. */
export function Here() {
  const { client, config, messages } = useSurroundings();
  const { history: words } = messages;
  const names = useNames();
  const items = useClientState((state) => state.items);
  const [cleared, setCleared] = useState<readonly Item[]>([]);
  const said = items.filter(({ kind }) => kind !== "note");
  const kept = config.saveHistory ? said.slice(-config.historyLimit) : said;
  const clear = () => {
    setCleared(kept);
    client.clear();
  };
  const bringBack = () => {
    client.restore(cleared);
    setCleared([]);
  };
  return (
    <>
      <Heading title={words.here}>
        {kept.length > 0 && (
          <>
            <button
              type="button"
              className="quiet"
              onClick={() => save("repartee.txt", scriptText(words.here, kept, names))}
            >
              {words.asText}
            </button>
            <button type="button" className="quiet" onClick={clear}>
              {words.clear}
            </button>
          </>
        )}
        {cleared.length > 0 && (
          <button type="button" className="quiet" onClick={bringBack}>
            {words.bringBack}
          </button>
        )}
      </Heading>
      <p className={styles.remark} role="status">
        {cleared.length > 0 && words.cleared}{" "}
        {config.saveHistory ? words.kept(kept.length, config.historyLimit) : words.keptNot}
      </p>
      <PastScript items={kept} />
    </>
  );
}
