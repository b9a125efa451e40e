// The client of a Repartee server, with no framework and no dependency.

export { type Device, type Devices, NO_DEVICES } from "./audio/devices.ts";
export { Client, type ClientOptions } from "./client.ts";
export { type Choice, type Config, fetchConfig, readConfig } from "./config.ts";
export type { Event } from "./events.ts";
export {
  loadItems,
  loadPreferences,
  type Preferences,
  saveItems,
  savePreferences,
} from "./history.ts";
export { type Choices, parse, type Told, type Wish, wish } from "./protocol.ts";
export { reduce } from "./reducer.ts";
export { Socket, socketUrl } from "./socket.ts";
export {
  canStop,
  type Item,
  initial,
  isMicOpen,
  type Presence,
  type Problem,
  type ProblemCode,
  presenceOf,
  type ReplyItem,
  type State,
  type TalkMode,
  type UserItem,
} from "./state.ts";
export { Store } from "./store.ts";
export { gapMs, type Span, type Stage, spansOf } from "./timings.ts";
