import { Fragment, type ReactNode } from "react";
import { useSurroundings } from "../../app/context.ts";
import { useSettings } from "../../hooks/useSettings.ts";
import { LanguagePicker } from "../../settings/LanguagePicker.tsx";
import { languageName } from "../../ui/languages.ts";
import { Picker } from "../../ui/Picker.tsx";
import styles from "./Welcome.module.css";

/** Before the first word: an invitation, and the choices as blanks in a sentence. */
export function Welcome() {
  const { config, messages } = useSurroundings();
  const { choices, set, setSpeed } = useSettings();
  const { usual, settings: words, paces, welcome } = messages;
  const speeds = Object.entries(paces).map(([value, label]) => ({ value, label }));
  const speed = String(choices.speed ?? config.defaultSpeed);
  const [only] = config.languages;
  const blanks: Record<string, ReactNode> = {
    persona: (
      <Picker
        label={words.persona}
        value={choices.persona ?? ""}
        usual={usual.persona}
        choices={config.personas}
        onChange={(value) => set("persona", value)}
      />
    ),
    voice: (
      <Picker
        label={words.voice}
        value={choices.voice ?? ""}
        usual={usual.voice}
        choices={config.voices}
        groupOf={({ language = "" }) => languageName(language)}
        onChange={(value) => set("voice", value)}
      />
    ),
    speed: (
      <Picker
        label={words.speed}
        value={speed}
        choices={speed in paces ? speeds : [...speeds, { value: speed, label: `× ${speed}` }]}
        onChange={(value) => setSpeed(Number(value))}
      />
    ),
    language:
      config.languages.length === 1 && only !== undefined ? (
        languageName(only.value)
      ) : (
        <LanguagePicker label={words.language} />
      ),
  };
  return (
    <div className={styles.welcome}>
      <div>
        <h2>{welcome.title}</h2>
        <p className={styles.casting}>{filled(welcome.casting, blanks)}</p>
        <p className={styles.hint}>{welcome.hint}</p>
      </div>
    </div>
  );
}

/** A sentence with its `{blanks}` filled in. */
function filled(sentence: string, blanks: Record<string, ReactNode>): ReactNode {
  return sentence
    .split(/\{(\w+)\}/)
    .map((part, index) => (
      <Fragment key={index === 0 ? "start" : part + String(index)}>
        {index % 2 === 1 ? blanks[part] : part}
      </Fragment>
    ));
}
