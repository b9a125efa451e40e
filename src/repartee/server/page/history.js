// What this browser remembers: the last messages, if the server wants them kept, and the choices.

const MESSAGES = "repartee.messages";
const CHOICES = "repartee.choices";

export function loadMessages(most) {
  const found = read(MESSAGES);
  if (!Array.isArray(found) || most === 0) return [];
  return found.filter(isMessage).map(plain).slice(-most);
}

/** Keeps the last of what was said, and forgets the rest. */
export function saveMessages(turns, most) {
  const said = turns.filter(isMessage).map(plain);
  write(MESSAGES, most > 0 ? said.slice(-most) : []);
}

export function loadChoices() {
  const found = read(CHOICES);
  return typeof found === "object" && found !== null && !Array.isArray(found) ? found : {};
}

export const saveChoices = (choices) => write(CHOICES, choices);

const isMessage = (turn) =>
  (turn?.who === "you" || turn?.who === "them") && typeof turn.text === "string";

const plain = ({ who, text, cut }) =>
  typeof cut === "string" ? { who, text, cut } : { who, text };

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null; // storage refused or spoilt: there is simply nothing remembered
  }
}

function write(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Private windows and full disks refuse; the conversation goes on without a memory.
  }
}
