import { lazy, type ReactNode, useState } from "react";
import { presenceOf } from "../../client/index.ts";
import { SettingsDialog } from "../settings/SettingsDialog.tsx";
import { CheckIcon, HistoryIcon, SettingsIcon } from "../ui/icons.tsx";
import { Later } from "../ui/Later.tsx";
import { CallView } from "../views/call/CallView.tsx";
import styles from "./App.module.css";
import { useClient, useClientState, useMessages } from "./context.ts";
import { type Route, useRoute } from "./router.ts";
import { ShowSettingsContext } from "./showSettings.ts";

const ROUTES: readonly [Route, ...Route[]] = [
  { path: "", View: CallView },
  {
    path: "history",
    View: lazy(async () => ({
      default: (await import("../views/history/HistoryView.tsx")).HistoryView,
    })),
  },
  {
    path: "check",
    View: lazy(async () => ({ default: (await import("../views/check/CheckView.tsx")).CheckView })),
  },
];

export function App() {
  const messages = useMessages();
  const { path, View } = useRoute(ROUTES);
  const client = useClient();
  const [isShowing, setShowing] = useState(false);
  const close = () => {
    setShowing(false);
    // In a call the space key is for talking, and not for this button once more.
    if (client.state.call === "on") document.querySelector("main")?.focus();
  };
  return (
    <ShowSettingsContext value={() => setShowing(true)}>
      {path === "" && (
        <a className={styles.skip} href="#message">
          {messages.skip}
        </a>
      )}
      <header className={styles.top}>
        <h1 className={styles.name}>
          <a href="#/">Repartee</a>
        </h1>
        <LinkState />
        <nav className={styles.views} aria-label={messages.views.label}>
          <ViewLink to="history" at={path} icon={<HistoryIcon />} name={messages.views.history} />
          <ViewLink to="check" at={path} icon={<CheckIcon />} name={messages.views.check} />
          <button type="button" className={styles.tab} onClick={() => setShowing(true)}>
            <SettingsIcon />
            <span>{messages.settings.open}</span>
          </button>
        </nav>
      </header>
      {path !== "" && <CallGoesOn />}
      <Later key={path}>
        <View />
      </Later>
      {isShowing && <SettingsDialog onClose={close} />}
    </ShowSettingsContext>
  );
}

interface ViewLinkProps {
  to: string;
  at: string;
  icon: ReactNode;
  name: string;
}

function ViewLink({ to, at, icon, name }: ViewLinkProps) {
  const isHere = to === at;
  return (
    <a className={styles.tab} href={`#/${to}`} aria-current={isHere ? "page" : undefined}>
      {icon}
      <span>{name}</span>
    </a>
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

/** In another view, a call that goes on is never out of sight. */
function CallGoesOn() {
  const client = useClient();
  const messages = useMessages();
  const call = useClientState((state) => state.call);
  const presence = useClientState(presenceOf);
  if (call === "off") return null;
  return (
    <aside className={styles.call} data-presence={presence} aria-label={messages.talking}>
      <p>{messages.presence[presence]}</p>
      <a href="#/">{messages.inCall.back}</a>
      <button type="button" onClick={() => client.endCall()}>
        {messages.end}
      </button>
    </aside>
  );
}
