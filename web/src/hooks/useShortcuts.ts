// The keys of a call: space held to talk, Escape to stop, M to mute, T for the trace, / to write.

import { useEffect } from "react";
import { useClient } from "../app/context.ts";

export const MESSAGE_FIELD = "message";

export function useShortcuts(toggleTrace: () => void): void {
  const client = useClient();
  // When another view is shown, nobody sees the key go up.
  useEffect(() => () => client.hold(false), [client]);
  useEffect(() => {
    const down = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !isInDialog(event.target)) client.stop();
      if (event.ctrlKey || event.metaKey || event.altKey || isForTyping(event.target)) return;
      const isOn = client.state.call === "on";
      if (event.key === " " && isOn && !isButtonInUse(event.target)) {
        event.preventDefault();
        client.hold(true);
      } else if (event.key.toLowerCase() === "m" && isOn) {
        client.mute(!client.state.muted);
      } else if (event.key.toLowerCase() === "t") {
        toggleTrace();
      } else if (event.key === "/") {
        event.preventDefault();
        document.getElementById(MESSAGE_FIELD)?.focus();
      }
    };
    const up = ({ key }: KeyboardEvent) => {
      if (key === " ") client.hold(false);
    };
    const away = () => client.hold(false);
    addEventListener("keydown", down);
    addEventListener("keyup", up);
    addEventListener("blur", away);
    return () => {
      removeEventListener("keydown", down);
      removeEventListener("keyup", up);
      removeEventListener("blur", away);
    };
  }, [client, toggleTrace]);
}

const isInDialog = (target: EventTarget | null) =>
  target instanceof Element && target.closest("dialog") !== null;

const isForTyping = (target: EventTarget | null) =>
  target instanceof Element && target.closest("input, textarea, select, dialog") !== null;

/** Space presses a button for whoever walks by keyboard; after a click it is the talk key. */
const isButtonInUse = (target: EventTarget | null) =>
  target instanceof Element && target.closest("button, a")?.matches(":focus-visible") === true;
