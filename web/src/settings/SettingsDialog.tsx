import { type ReactNode, useEffect, useId, useRef } from "react";
import { useClient, useClientState, useSurroundings } from "../app/context.ts";
import { useDevices } from "../hooks/useDevices.ts";
import { useSettings } from "../hooks/useSettings.ts";
import { TONGUES, tongueOf } from "../messages/index.ts";
import { languageName } from "../ui/languages.ts";
import { Picker } from "../ui/Picker.tsx";
import { LanguagePicker } from "./LanguagePicker.tsx";
import styles from "./SettingsDialog.module.css";

export function SettingsDialog({ onClose }: { onClose: () => void }) {
  const { client, messages } = useSurroundings();
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  const words = messages.settings;
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const beginAnew = () => {
    client.beginAnew();
    onClose();
  };
  return (
    <dialog ref={dialog} className={styles.dialog} aria-labelledby={title} onClose={onClose}>
      <h2 id={title}>{words.title}</h2>
      <form method="dialog">
        <Who />
        <Sound />
        <Page />
        <footer>
          <button type="button" className="quiet" title={words.anewHint} onClick={beginAnew}>
            {words.anew}
          </button>
          <button type="submit" className="strong">
            {words.done}
          </button>
        </footer>
      </form>
    </dialog>
  );
}

function Who() {
  const { config, messages } = useSurroundings();
  const { choices, set, setSpeed } = useSettings();
  const { settings: words, usual } = messages;
  return (
    <Section title={words.who}>
      <Field label={words.persona}>
        {(id) => (
          <Picker
            id={id}
            value={choices.persona ?? ""}
            usual={usual.persona}
            choices={config.personas}
            onChange={(value) => set("persona", value)}
          />
        )}
      </Field>
      <Field label={words.voice}>
        {(id) => (
          <Picker
            id={id}
            value={choices.voice ?? ""}
            usual={usual.voice}
            choices={config.voices}
            groupOf={({ language = "" }) => languageName(language)}
            onChange={(value) => set("voice", value)}
          />
        )}
      </Field>
      <Field label={words.language}>{(id) => <LanguagePicker id={id} />}</Field>
      <Slider
        label={words.speed}
        min={0.5}
        max={2}
        value={choices.speed ?? config.defaultSpeed}
        onChange={setSpeed}
      />
    </Section>
  );
}

function Sound() {
  const { client, messages } = useSurroundings();
  const settings = useSettings();
  const { microphones, speakers } = useDevices();
  // Devices have names where the microphone is allowed: then its level is shown without asking.
  const isAllowed = microphones.length > 0;
  useEffect(() => {
    if (!isAllowed) return;
    void client.ear.preview(true);
    return () => void client.ear.preview(false);
  }, [client, isAllowed]);
  const talkMode = useClientState((state) => state.talkMode);
  const words = messages.settings;
  const asChoices = (devices: typeof microphones) =>
    devices.map(({ id, label }) => ({ value: id, label }));
  return (
    <Section title={words.sound}>
      <Field label={words.microphone} note={isAllowed ? "" : words.unnamed}>
        {(id) => (
          <>
            <Picker
              id={id}
              value={settings.microphone}
              usual={words.usualDevice}
              choices={asChoices(microphones)}
              onChange={settings.setMicrophone}
            />
            <Level />
          </>
        )}
      </Field>
      {speakers.length > 0 && (
        <Field label={words.speaker}>
          {(id) => (
            <Picker
              id={id}
              value={settings.speaker}
              usual={words.usualDevice}
              choices={asChoices(speakers)}
              onChange={settings.setSpeaker}
            />
          )}
        </Field>
      )}
      <Slider
        label={messages.volume}
        min={0}
        max={1}
        value={settings.volume}
        onChange={settings.setVolume}
      />
      <Field label={messages.talkMode}>
        {(id) => (
          <Picker
            id={id}
            value={talkMode}
            choices={[
              { value: "hands-free", label: messages.handsFree },
              { value: "push", label: messages.push },
            ]}
            onChange={(value) => settings.setTalkMode(value === "push" ? "push" : "hands-free")}
          />
        )}
      </Field>
    </Section>
  );
}

function Page() {
  const { config, messages, preferences, prefer } = useSurroundings();
  const words = messages.settings;
  const tongues = Object.entries(TONGUES).map(([value, label]) => ({ value, label }));
  return (
    <Section title={words.page}>
      <Field label={words.tongue}>
        {(id) => (
          <Picker
            id={id}
            value={tongueOf(preferences.tongue, navigator.languages)}
            choices={tongues}
            onChange={(tongue) => prefer({ tongue })}
          />
        )}
      </Field>
      <Field label={words.theme}>
        {(id) => (
          <Picker
            id={id}
            value={preferences.theme ?? ""}
            usual={words.themes.auto}
            choices={[
              { value: "light", label: words.themes.light },
              { value: "dark", label: words.themes.dark },
            ]}
            onChange={(theme) =>
              prefer({ theme: theme === "light" || theme === "dark" ? theme : undefined })
            }
          />
        )}
      </Field>
      {config.retentionDays !== null && (
        <p className={styles.privacy}>{words.keeps(config.retentionDays, config.recordsSound)}</p>
      )}
    </Section>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.section}>
      <h3>{title}</h3>
      <div>{children}</div>
    </section>
  );
}

interface FieldProps {
  label: string;
  note?: string;
  children: (id: string) => ReactNode;
}

function Field({ label, note, children }: FieldProps) {
  const id = useId();
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {children(id)}
      {note && <p className={styles.note}>{note}</p>}
    </div>
  );
}

interface SliderProps {
  label: string;
  min: number;
  max: number;
  value: number;
  onChange: (value: number) => void;
}

function Slider({ label, min, max, value, onChange }: SliderProps) {
  const id = useId();
  return (
    <div className={styles.field}>
      <label htmlFor={id}>
        {label} <output htmlFor={id}>{Math.round(value * 100)} %</output>
      </label>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        step={0.05}
        value={value}
        onChange={(event) => onChange(Number(event.target.value))}
      />
    </div>
  );
}

/** How loud the microphone is just now, while it is open. */
function Level() {
  const { messages } = useSurroundings();
  const client = useClient();
  const level = useClientState((state) => state.micLevel);
  if (client.ear.analyser === null) return null;
  return <meter className={styles.level} aria-label={messages.settings.level} value={level} />;
}
