import { type FormEvent, useRef } from "react";
import { useClientState, useSurroundings } from "../../app/context.ts";
import { MESSAGE_FIELD } from "../../hooks/useShortcuts.ts";
import { SendIcon } from "../../ui/icons.tsx";
import styles from "./Composer.module.css";

/** Writing, in the same conversation. */
export function Composer() {
  const { client, config, messages } = useSurroundings();
  const isOpen = useClientState((state) => state.link === "open");
  const field = useRef<HTMLInputElement>(null);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (field.current !== null && client.say(field.current.value)) field.current.value = "";
  };
  return (
    <>
      <form className={styles.composer} onSubmit={send}>
        <input
          ref={field}
          id={MESSAGE_FIELD}
          type="text"
          aria-label={messages.composer.label}
          placeholder={messages.composer.placeholder}
          maxLength={config.longestMessage}
          autoComplete="off"
          enterKeyHint="send"
        />
        <button type="submit" aria-label={messages.composer.send} disabled={!isOpen}>
          <SendIcon />
        </button>
      </form>
      <Keys />
    </>
  );
}

/** The keys that do something now; the buttons tell it to whoever can't see. */
function Keys() {
  const { messages } = useSurroundings();
  const isInCall = useClientState((state) => state.call === "on");
  const { talk, stop, mute, trace, write } = messages.keys;
  return (
    <p className={styles.keys} aria-hidden="true">
      {isInCall && (
        <>
          <kbd>space</kbd> {talk} <kbd>m</kbd> {mute}{" "}
        </>
      )}
      <kbd>esc</kbd> {stop} <kbd>t</kbd> {trace} <kbd>/</kbd> {write}
    </p>
  );
}
