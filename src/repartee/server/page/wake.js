// A phone that goes to sleep ends the talk, so its screen is kept on while somebody talks.

let wanted = false;
let lock = null;

async function ask() {
  if (!wanted || document.visibilityState !== "visible") return;
  try {
    lock = await navigator.wakeLock?.request("screen");
    if (!wanted) lock?.release();
  } catch {
    // Battery saving may refuse; the talk goes on for as long as the screen does.
  }
}

// The lock is lost whenever the page is hidden.
document.addEventListener("visibilitychange", ask);

export function keepAwake() {
  wanted = true;
  ask();
}

export function letSleep() {
  wanted = false;
  lock?.release();
  lock = null;
}
