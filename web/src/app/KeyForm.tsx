import { type FormEvent, useState } from "react";
import type { Messages } from "../messages/shape.ts";
import styles from "./KeyForm.module.css";

interface KeyFormProps {
  words: Messages["locked"];
  /** One was tried already. */
  wasWrong: boolean;
  onKey: (key: string) => void;
}

/** Asked once: the server lets nobody in who does not show a key. */
export function KeyForm({ words, wasWrong, onKey }: KeyFormProps) {
  const [key, setKey] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (key.trim() !== "") onKey(key);
  };
  return (
    <main className={styles.door}>
      <h1>Repartee</h1>
      <form className={styles.form} onSubmit={submit}>
        <label htmlFor="key">{words.asks}</label>
        <input
          id="key"
          type="password"
          autoComplete="current-password"
          value={key}
          onChange={(event) => setKey(event.target.value)}
        />
        <button type="submit">{words.enter}</button>
        <p role="alert">{wasWrong ? words.wrong : ""}</p>
      </form>
    </main>
  );
}
