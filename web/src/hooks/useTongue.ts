import { useEffect, useState } from "react";
import { en, loadMessages, type Messages, tongueOf } from "../messages/index.ts";

/** The words of the page in the chosen language, or the browser's. */
export function useTongue(chosen: string | undefined): Messages {
  const [messages, setMessages] = useState(en);
  const tongue = tongueOf(chosen, navigator.languages);
  useEffect(() => {
    let isOver = false;
    loadMessages(tongue)
      .then((loaded) => {
        if (isOver) return;
        setMessages(loaded);
        document.documentElement.lang = tongue;
      })
      .catch(() => undefined); // the words that are there stay
    return () => {
      isOver = true;
    };
  }, [tongue]);
  return messages;
}
