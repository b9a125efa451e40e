// A view per hash: `#/name`. One static folder serves them all.

import { type ComponentType, useSyncExternalStore } from "react";

export interface Route {
  /** What follows `#/`; the view with an empty path is the first one. */
  path: string;
  View: ComponentType;
}

export function useRoute(routes: readonly [Route, ...Route[]]): Route {
  const path = useSyncExternalStore(watchHash, () => location.hash.replace(/^#\/?/, ""));
  return routes.find((route) => route.path === path) ?? routes[0];
}

function watchHash(onChange: () => void): () => void {
  addEventListener("hashchange", onChange);
  return () => removeEventListener("hashchange", onChange);
}
