import { canStop } from "../../../client/index.ts";
import { useClient, useClientState, useMessages } from "../../app/context.ts";
import { useSettings } from "../../hooks/useSettings.ts";
import {
  EndIcon,
  MicrophoneIcon,
  MicrophoneOffIcon,
  StopIcon,
  VolumeIcon,
} from "../../ui/icons.tsx";
import styles from "./Controls.module.css";

/** One button to begin; then what a call needs. */
export function Controls() {
  const call = useClientState((state) => state.call);
  return (
    <div className={styles.controls}>
      {call === "off" ? <Begin /> : <InCall />}
      <Volume />
    </div>
  );
}

function Begin() {
  const client = useClient();
  const messages = useMessages();
  const mayStop = useClientState(canStop);
  return (
    <>
      <span className={styles.side}>{mayStop && <Stop />}</span>
      <button type="button" className={styles.begin} onClick={() => void client.startCall()}>
        <MicrophoneIcon />
        {messages.start}
      </button>
    </>
  );
}

function InCall() {
  const client = useClient();
  const messages = useMessages();
  const talkMode = useClientState((state) => state.talkMode);
  return (
    <>
      <span className={styles.side}>{talkMode === "push" ? <Hold /> : <Mute />}</span>
      <Stop />
      <button type="button" className={styles.button} onClick={() => client.endCall()}>
        <EndIcon />
        {messages.end}
      </button>
    </>
  );
}

function Stop() {
  const client = useClient();
  const messages = useMessages();
  const mayStop = useClientState(canStop);
  return (
    <button
      type="button"
      className={styles.stop}
      aria-keyshortcuts="Escape"
      disabled={!mayStop}
      onClick={() => client.stop()}
    >
      <StopIcon />
      {messages.stop}
    </button>
  );
}

function Mute() {
  const client = useClient();
  const messages = useMessages();
  const muted = useClientState((state) => state.muted);
  return (
    <button
      type="button"
      className={styles.button}
      aria-pressed={muted}
      aria-keyshortcuts="m"
      onClick={() => client.mute(!muted)}
    >
      {muted ? <MicrophoneOffIcon /> : <MicrophoneIcon />}
      {muted ? messages.muted : messages.mute}
    </button>
  );
}

function Hold() {
  const client = useClient();
  const messages = useMessages();
  const held = useClientState((state) => state.held);
  return (
    <button
      type="button"
      className={styles.hold}
      aria-pressed={held}
      aria-keyshortcuts="Space"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        client.hold(true);
      }}
      onPointerUp={() => client.hold(false)}
      onPointerCancel={() => client.hold(false)}
      onKeyDown={({ key }) => (key === " " || key === "Enter") && client.hold(true)}
      onKeyUp={() => client.hold(false)}
      onContextMenu={(event) => event.preventDefault()}
    >
      <MicrophoneIcon />
      {messages.hold}
    </button>
  );
}

function Volume() {
  const messages = useMessages();
  const { volume, setVolume } = useSettings();
  return (
    <label className={styles.volume}>
      <VolumeIcon />
      <input
        type="range"
        min={0}
        max={1}
        step={0.05}
        value={volume}
        aria-label={messages.volume}
        onChange={(event) => setVolume(Number(event.target.value))}
      />
    </label>
  );
}
