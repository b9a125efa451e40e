import { useId, useRef, useState } from "react";
import { useSurroundings } from "../../app/context.ts";
import { save } from "../../ui/save.ts";
import styles from "./CheckView.module.css";
import { type Findings, reportOf } from "./report.ts";
import { Section } from "./Section.tsx";

/** All that was found, to be read before it is passed on. */
export function Report({ findings }: { findings: Findings }) {
  const { client, config, messages } = useSurroundings();
  const { check: words } = messages;
  const [withSpeech, setWithSpeech] = useState(false);
  const [text, setText] = useState("");
  const [isCopied, setCopied] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const tick = useId();
  const write = (speech: boolean) => {
    const { state, wiretap } = client;
    setWithSpeech(speech);
    setCopied(false);
    setText(reportOf({ findings, state, config, noted: wiretap.noted, withSpeech: speech }));
  };
  const copy = async () => {
    field.current?.select(); // where copying is refused, the user's own key does it
    await navigator.clipboard?.writeText(text).then(
      () => setCopied(true),
      () => undefined,
    );
  };
  return (
    <Section title={words.report}>
      <p>{words.reportHint}</p>
      <label className={styles.tick} htmlFor={tick}>
        <input
          id={tick}
          type="checkbox"
          checked={withSpeech}
          onChange={(event) =>
            text ? write(event.target.checked) : setWithSpeech(event.target.checked)
          }
        />
        {words.withSpeech}
      </label>
      <div className={styles.row}>
        <button type="button" className="strong" onClick={() => write(withSpeech)}>
          {text ? words.writeAgain : words.write}
        </button>
        {text && (
          <>
            <button type="button" className="quiet" onClick={() => void copy()}>
              {words.copy}
            </button>
            <button
              type="button"
              className="quiet"
              onClick={() => save("repartee-report.json", text)}
            >
              {words.save}
            </button>
          </>
        )}
      </div>
      <p className="unseen" role="status">
        {isCopied && words.copied}
      </p>
      {isCopied && <p aria-hidden="true">{words.copied}</p>}
      {text && (
        <textarea
          ref={field}
          className={styles.report}
          aria-label={words.report}
          readOnly
          value={text}
          rows={16}
        />
      )}
    </Section>
  );
}
