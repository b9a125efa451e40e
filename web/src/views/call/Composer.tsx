import { type FormEvent, useRef } from "react";
import { useClient, useClientState, useMessages } from "../../app/context.ts";
import { MESSAGE_FIELD } from "../../hooks/useShortcuts.ts";
import { SendIcon } from "../../ui/icons.tsx";
import styles from "./Composer.module.css";

const LONGEST_MESSAGE = 4_000;

/** Writing, in the same conversation. */
export function Composer() {
  const client = useClient();
  const messages = useMessages();
  const isOpen = useClientState((state) => state.link === "open");
  const field = useRef<HTMLInputElement>(null);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (field.current !== null && client.say(field.current.value)) field.current.value = "";
  };
  const { talk, stop, mute, trace, write } = messages.keys;
  return (
    <>
      <form className={styles.composer} onSubmit={send}>
        <input
          ref={field}
          id={MESSAGE_FIELD}
          type="text"
          aria-label={messages.composer.label}
          placeholder={messages.composer.placeholder}
          maxLength={LONGEST_MESSAGE}
          autoComplete="off"
          enterKeyHint="send"
        />
        <button type="submit" aria-label={messages.composer.send} disabled={!isOpen}>
          <SendIcon />
        </button>
      </form>
      <p className={styles.keys} aria-hidden="true">
        <kbd>space</kbd> {talk} <kbd>esc</kbd> {stop} <kbd>m</kbd> {mute} <kbd>t</kbd> {trace}{" "}
        <kbd>/</kbd> {write}
      </p>
    </>
  );
}
