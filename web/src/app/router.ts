// A view per hash: `#/name`, and what follows is the view's own affair. One static folder serves all.

import { type ComponentType, useSyncExternalStore } from "react";

export interface Route {
  /** What follows `#/` up to the next slash; the view with an empty path is the first one. */
  path: string;
  View: ComponentType;
}

export function useRoute(routes: readonly [Route, ...Route[]]): Route {
  const [path] = usePath();
  return routes.find((route) => route.path === path) ?? routes[0];
}

/** The parts of the address that come after the view's name. */
export const useRest = () => usePath().slice(1);

function usePath(): string[] {
  const hash = useSyncExternalStore(watchHash, () => location.hash);
  return hash.replace(/^#\/?/, "").split("/");
}

function watchHash(onChange: () => void): () => void {
  addEventListener("hashchange", onChange);
  return () => removeEventListener("hashchange", onChange);
}
