import { useState } from "react";
import { itemsOf, type PastSession } from "../../../client/index.ts";
import { useSurroundings } from "../../app/context.ts";
import { Confirm } from "../../ui/Confirm.tsx";
import { save } from "../../ui/save.ts";
import { Heading } from "./Heading.tsx";
import { PastScript } from "./PastScript.tsx";
import { scriptText } from "./scriptText.ts";
import { sessionFile } from "./sessionFile.ts";
import { dateOf } from "./times.ts";
import type { LoadedArchive } from "./useArchive.ts";
import { useNames } from "./useNames.ts";

interface PastProps {
  session: PastSession;
  archive: LoadedArchive;
  onForgotten: () => void;
}

/** One session as the server keeps it, to be read, taken along or deleted. */
export function Past({ session, archive, onForgotten }: PastProps) {
  const { messages } = useSurroundings();
  const { history: words } = messages;
  const names = useNames();
  const [isAsking, ask] = useState(false);
  const turns = archive.turns.get(session.id);
  const items = (turns ?? []).flatMap((turn) => {
    const [said, answer] = itemsOf(turn);
    return [said, { ...answer, persona: session.persona }];
  });
  const title = dateOf(session.began);
  const name = `repartee-${new Date(session.began).toISOString().slice(0, 16).replace(":", "")}`;
  const forget = async () => {
    await archive.forget(session.id);
    onForgotten();
  };
  return (
    <>
      <Heading title={title}>
        <button
          type="button"
          className="quiet"
          onClick={() => save(`${name}.txt`, scriptText(title, items, names))}
        >
          {words.asText}
        </button>
        <button
          type="button"
          className="quiet"
          onClick={() => save(`${name}.json`, sessionFile(session, turns ?? []))}
        >
          {words.asJson}
        </button>
        <button type="button" className="quiet" onClick={() => ask(true)}>
          {words.forget}
        </button>
      </Heading>
      <PastScript items={items} gaps={(turns ?? []).flatMap(({ gapMs }) => [null, gapMs])} />
      {isAsking && (
        <Confirm
          question={words.sure}
          yes={words.forget}
          no={words.keep}
          onYes={() => void forget()}
          onClose={() => ask(false)}
        />
      )}
    </>
  );
}
