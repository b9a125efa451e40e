import type { Talk } from "./en.ts";

export const talk: Talk = {
  presence: {
    connecting: "Verbinde",
    waiting: "Nicht verbunden. Neuer Versuch",
    asking: "Bitte im Browser das Mikrofon erlauben",
    hearing: "Hört Sie",
    speaking: "Spricht",
    thinking: "Denkt nach",
    muted: "Ihr Mikrofon ist aus",
    push: "Zum Sprechen halten",
    listening: "Hört zu",
    ready: "Bereit, wenn Sie es sind",
  },
  start: "Gespräch beginnen",
  end: "Beenden",
  problems: {
    insecure:
      "Der Browser gibt das Mikrofon nicht an eine Seite, die über einfaches http von einem anderen Rechner kommt. Öffnen Sie sie über https oder am Rechner des Servers als localhost. Schreiben und lesen können Sie hier.",
    unsupported:
      "Dieser Browser kann eine Seite nicht hören und sprechen lassen. Ein aktueller Firefox, Chrome, Edge oder Safari kann es. Schreiben und lesen können Sie hier.",
    "mic-blocked":
      "Das Mikrofon ist für diese Seite gesperrt. Erlauben Sie es über das Zeichen neben der Adresse und versuchen Sie es noch einmal.",
    "mic-missing":
      "Es wurde kein Mikrofon gefunden. Schließen Sie eines an oder schalten Sie es ein und versuchen Sie es noch einmal.",
    "mic-busy":
      "Ein anderes Programm benutzt das Mikrofon. Schließen Sie dieses Programm oder wählen Sie ein anderes Mikrofon.",
    "mic-failed":
      "Das Mikrofon ließ sich nicht öffnen. Versuchen Sie es noch einmal oder wählen Sie ein anderes.",
    "mic-gone":
      "Das Mikrofon ist nicht mehr da. Schließen Sie es wieder an oder wählen Sie ein anderes.",
    "mic-paused":
      "Das System hat sich das Mikrofon genommen, vielleicht für einen Anruf. Danach geht es von selbst weiter.",
    "mic-silent":
      "Das Mikrofon liefert gar keinen Ton. Vielleicht ist es ausgeschaltet, oder es ist das falsche gewählt.",
    "device-gone": "Das benutzte Gerät ist nicht da. Stattdessen wird das übliche benutzt.",
    "output-failed":
      "Der Browser konnte die Tonausgabe nicht öffnen; Antworten kann man nur lesen. Prüfen Sie den Lautsprecher und laden Sie die Seite neu.",
  },
  notThere: "Der Server ist gerade nicht zu erreichen. Versuchen Sie es gleich noch einmal.",
  unreachable: "Der Server ist nicht zu erreichen. Neuer Versuch.",
};
