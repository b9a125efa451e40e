/**
 * Lets a context go on that was stopped by the system, or was never allowed to begin. Whoever may
 * not yet is asked again at the next key or click.
 */
export function resume(context: AudioContext): void {
  if (context.state === "running" || context.state === "closed") return;
  context.resume().catch(() => undefined);
}
