import { useEffect, useId, useRef } from "react";
import styles from "./Confirm.module.css";

interface ConfirmProps {
  question: string;
  yes: string;
  no: string;
  onYes: () => void;
  onClose: () => void;
}

/** A question before something is done that can't be undone. The harmless answer has the focus. */
export function Confirm({ question, yes, no, onYes, onClose }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const text = useId();
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} className={styles.confirm} aria-labelledby={text} onClose={onClose}>
      <form method="dialog">
        <p id={text}>{question}</p>
        <footer>
          <button type="submit" className="quiet">
            {no}
          </button>
          <button type="submit" className="strong" onClick={onYes}>
            {yes}
          </button>
        </footer>
      </form>
    </dialog>
  );
}
