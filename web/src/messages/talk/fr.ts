import type { Talk } from "./en.ts";

export const talk: Talk = {
  presence: {
    connecting: "Connexion",
    waiting: "Hors connexion. Nouvel essai",
    asking: "Autorisez le micro dans votre navigateur",
    hearing: "Vous entend",
    speaking: "Parle",
    thinking: "Réfléchit",
    muted: "Votre micro est coupé",
    push: "Maintenez pour parler",
    listening: "Écoute",
    ready: "Quand vous voulez",
  },
  start: "Commencer à parler",
  end: "Terminer",
  problems: {
    insecure:
      "Le navigateur refuse le micro à une page qui vient en simple http d’une autre machine. Ouvrez-la en https, ou sur la machine du serveur sous localhost. Vous pouvez écrire ici, et lire.",
    unsupported:
      "Ce navigateur ne permet pas à une page d’écouter et de parler. Un Firefox, Chrome, Edge ou Safari récent le permet. Vous pouvez écrire ici, et lire.",
    "mic-blocked":
      "Le micro est bloqué pour cette page. Autorisez-le avec le signe à côté de l’adresse, puis réessayez.",
    "mic-missing": "Aucun micro trouvé. Branchez-en un ou allumez-le, puis réessayez.",
    "mic-busy":
      "Un autre programme utilise le micro. Fermez ce programme ou choisissez un autre micro.",
    "mic-failed": "Le micro n’a pas pu être ouvert. Réessayez, ou choisissez-en un autre.",
    "mic-gone": "Le micro a disparu. Rebranchez-le, ou choisissez-en un autre.",
    "mic-paused":
      "Le système a pris le micro, peut-être pour un appel téléphonique. Tout reprendra seul ensuite.",
    "mic-silent":
      "Le micro ne donne aucun son. Il est peut-être éteint, ou ce n’est pas le bon qui est choisi.",
    "device-gone": "L’appareil utilisé n’est plus là. L’appareil habituel le remplace.",
    "output-failed":
      "Le navigateur n’a pas pu ouvrir la sortie audio ; les réponses ne peuvent qu’être lues. Vérifiez le haut-parleur, puis rechargez la page.",
  },
  notThere: "Le serveur est injoignable pour l’instant. Réessayez dans un moment.",
  unreachable: "Le serveur est injoignable. Nouvel essai.",
};
