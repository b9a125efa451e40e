import { useEffect, useState } from "react";

/** Whole seconds since a moment on the page's clock; null while there is none. */
export function useElapsed(began: number | null): number | null {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    if (began === null) return;
    setNow(performance.now());
    const ticking = setInterval(() => setNow(performance.now()), 1_000);
    return () => clearInterval(ticking);
  }, [began]);
  return began === null ? null : Math.max(0, Math.floor((now - began) / 1_000));
}
