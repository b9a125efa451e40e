// The client of a Repartee server, with no framework and no dependency.

export {
  Archive,
  ArchiveError,
  itemsOf,
  type PastSession,
  type PastTurn,
  speaksOf,
} from "./archive.ts";
export { type Device, type Devices, NO_DEVICES } from "./audio/devices.ts";
export { Microphone } from "./audio/microphone.ts";
export { Client, type ClientOptions } from "./client.ts";
export { type Choice, type Config, fetchConfig, readConfig, usualLanguage } from "./config.ts";
export {
  type Course,
  courseOf,
  percentile,
  STAGES,
  type Stage,
  type Step,
  shareOf,
} from "./course.ts";
export type { Event } from "./events.ts";
export {
  loadItems,
  loadPreferences,
  type Preferences,
  saveItems,
  savePreferences,
} from "./history.ts";
export { addToken, keepKey, shownKey, withToken } from "./key.ts";
export { type Probed, probe } from "./probe.ts";
export { microphoneProblem } from "./problems.ts";
export { type Choices, parse, type Told, type Why, type Wish, wish } from "./protocol.ts";
export { reduce } from "./reducer.ts";
export { Socket, socketUrl, type Way } from "./socket.ts";
export {
  type ClockOffset,
  canStop,
  type Item,
  initial,
  isMicOpen,
  type Mark,
  type Presence,
  type Problem,
  type ProblemCode,
  presenceOf,
  type ReplyItem,
  type State,
  type TalkMode,
  type TurnTrace,
  type UserItem,
} from "./state.ts";
export { Store } from "./store.ts";
export { gapOf, onPageClock } from "./traces.ts";
export { type Noted, Wiretap } from "./wiretap.ts";
