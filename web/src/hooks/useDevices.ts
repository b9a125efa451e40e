import { useEffect, useState } from "react";
import { type Devices, NO_DEVICES } from "../../client/index.ts";
import { useClient, useClientState } from "../app/context.ts";

/** The devices as they come and go; they get their names with the first call. */
export function useDevices(): Devices {
  const client = useClient();
  const call = useClientState((state) => state.call);
  const [devices, setDevices] = useState(NO_DEVICES);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a microphone that opens gives names
  useEffect(() => client.watchDevices(setDevices), [client, call]);
  return devices;
}
