import { useState } from "react";
import { SettingsDialog } from "../settings/SettingsDialog.tsx";
import { SettingsIcon } from "../ui/icons.tsx";
import { CallView } from "../views/call/CallView.tsx";
import styles from "./App.module.css";
import { useClient, useClientState, useMessages } from "./context.ts";
import { type Route, useRoute } from "./router.ts";
import { ShowSettingsContext } from "./showSettings.ts";

const ROUTES: readonly [Route, ...Route[]] = [{ path: "", View: CallView }];

export function App() {
  const messages = useMessages();
  const { View } = useRoute(ROUTES);
  const client = useClient();
  const [isShowing, setShowing] = useState(false);
  const close = () => {
    setShowing(false);
    // In a call the space key is for talking, and not for this button once more.
    if (client.state.call === "on") document.querySelector("main")?.focus();
  };
  return (
    <ShowSettingsContext value={() => setShowing(true)}>
      <a className={styles.skip} href="#message">
        {messages.skip}
      </a>
      <header className={styles.top}>
        <h1 className={styles.name}>Repartee</h1>
        <LinkState />
        <button type="button" className={styles.settings} onClick={() => setShowing(true)}>
          <SettingsIcon />
          <span>{messages.settings.open}</span>
        </button>
      </header>
      <View />
      {isShowing && <SettingsDialog onClose={close} />}
    </ShowSettingsContext>
  );
}

function LinkState() {
  const messages = useMessages();
  const link = useClientState((state) => state.link);
  const roundTripMs = useClientState((state) => state.roundTripMs);
  return (
    <p className={styles.link} data-link={link}>
      <span>{messages.link[link]}</span>
      {roundTripMs !== null && <span className={styles.ms}>{messages.roundTrip(roundTripMs)}</span>}
    </p>
  );
}
