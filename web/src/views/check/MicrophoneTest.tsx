import { useEffect, useRef, useState } from "react";
import { Microphone, microphoneProblem, type ProblemCode } from "../../../client/index.ts";
import { useSurroundings } from "../../app/context.ts";
import { worklets } from "../../app/worklets.ts";
import { useSettings } from "../../hooks/useSettings.ts";
import styles from "./CheckView.module.css";
import type { Found } from "./CheckView.tsx";
import { FRAME_MS, type Heard, judged } from "./listening.ts";
import { Facts, Section } from "./Section.tsx";
import { play } from "./sounds.ts";

const SECONDS = 3;
const RATE_HZ = 16_000;
const FRAMES = (SECONDS * 1_000) / FRAME_MS;
const DRAWN_EVERY = 5; // frames

interface Taken {
  levels: readonly number[];
  frames: readonly ArrayBuffer[];
}

const NOTHING: Taken = { levels: [], frames: [] };

/** A few seconds through the same ear that listens in a call; then one hears what the server would. */
export function MicrophoneTest({ found }: { found: Found }) {
  const { messages } = useSurroundings();
  const { check: words, problems } = messages;
  const settings = useSettings();
  const [taken, setTaken] = useState(NOTHING);
  const [heard, setHeard] = useState<Heard | null>(null);
  const [doing, setDoing] = useState<"nothing" | "recording" | "playing">("nothing");
  const [problem, setProblem] = useState<Exclude<ProblemCode, "server"> | null>(null);
  const microphone = useRef<Microphone | null>(null);
  useEffect(() => () => microphone.current?.stop(), []);

  const finish = (all: Taken) => {
    const { current: ear } = microphone;
    const asked = ear?.settings ?? {};
    ear?.stop();
    setDoing("nothing");
    const result = judged(all.levels);
    setHeard(result);
    found("microphone", { ...result, ...asked });
  };
  const record = async () => {
    let all = NOTHING;
    setProblem(null);
    setHeard(null);
    setTaken(NOTHING);
    setDoing("recording");
    microphone.current = new Microphone({
      worklet: worklets.capture,
      frameSamples: (RATE_HZ * FRAME_MS) / 1_000,
      onFrame: ({ pcm, rms }) => {
        if (all.frames.length === FRAMES) return;
        all = { levels: [...all.levels, rms], frames: [...all.frames, pcm] };
        if (all.frames.length % DRAWN_EVERY === 0) setTaken(all);
        if (all.frames.length === FRAMES) finish(all);
      },
      onGone: () => finish(all),
    });
    try {
      await microphone.current.start(settings.microphone);
    } catch (error) {
      setDoing("nothing");
      const { code } = microphoneProblem(error);
      setProblem(code === "server" ? "mic-failed" : code);
      found("microphone", code);
    }
  };
  const playBack = () => {
    setDoing("playing");
    void play(joined(taken.frames), RATE_HZ, settings.speaker, () => setDoing("nothing"));
  };
  return (
    <Section title={words.microphone}>
      <p>{words.microphoneHint(SECONDS)}</p>
      <div className={styles.row}>
        <button
          type="button"
          className="quiet"
          disabled={doing !== "nothing"}
          onClick={() => void record()}
        >
          {doing === "recording" ? words.speakNow : words.record}
        </button>
        {heard && (
          <button type="button" className="quiet" disabled={doing !== "nothing"} onClick={playBack}>
            {doing === "playing" ? words.playing : words.playBack}
          </button>
        )}
      </div>
      {(doing === "recording" || heard) && <Wave levels={taken.levels} />}
      <div role="status">
        {problem && <p className={styles.bad}>{problems[problem]}</p>}
        {heard && (
          <>
            <p className={heard.verdict === "good" ? undefined : styles.bad}>
              {words.verdicts[heard.verdict]}
            </p>
            <Facts
              facts={[
                [words.peak, `${heard.peakDb} dB`],
                [words.floor, `${heard.floorDb} dB`],
              ]}
            />
          </>
        )}
      </div>
    </Section>
  );
}

/** The loudness of every frame, to both sides of a line. */
function Wave({ levels }: { levels: readonly number[] }) {
  const bars = levels.flatMap((level, index) => {
    if (index % 2 === 1) return [];
    const half = Math.max(0.75, Math.min(1, level ** 0.5 * 1.6) * 22);
    return [`M${index * 2 + 2} ${24 - half}v${half * 2}`];
  });
  return (
    <svg
      className={styles.wave}
      viewBox={`0 0 ${FRAMES * 2} 48`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path d={`M0 24h${FRAMES * 2}`} />
      <path d={bars.join("")} />
    </svg>
  );
}

function joined(frames: readonly ArrayBuffer[]): Int16Array {
  const all = frames.flatMap((frame) => [...new Int16Array(frame)]);
  return Int16Array.from(all);
}
