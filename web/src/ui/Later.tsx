import { type ReactNode, Suspense } from "react";
import { useMessages } from "../app/context.ts";
import { Boundary } from "./Boundary.tsx";

/** Around a part whose code is loaded only when it is wanted. */
export function Later({ children }: { children: ReactNode }) {
  const messages = useMessages();
  const sorry = (
    <p className="sorry" role="alert">
      {messages.partFailed}{" "}
      <button type="button" className="quiet" onClick={() => location.reload()}>
        {messages.reload}
      </button>
    </p>
  );
  return (
    <Boundary instead={sorry}>
      <Suspense fallback={null}>{children}</Suspense>
    </Boundary>
  );
}
