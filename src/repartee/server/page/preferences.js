// The settings dialog: what this browser's user chose, remembered and told to the server.

import { loadChoices, saveChoices } from "./history.js";
import { element } from "./view.js";

const SELECTS = { persona: "personas", voice: "voices", language: "languages" };

export class Preferences {
  #choices = loadChoices();
  #send;

  /** `send(message)` reaches the server, `onVolume(volume)` the speaker. */
  constructor(config, { send, onVolume }) {
    this.#send = send;
    for (const [name, list] of Object.entries(SELECTS)) this.#setUpSelect(name, config[list]);
    this.#setUpRange("speed", 1, () => this.#chosen({ speed: this.#choices.speed }));
    this.#setUpRange("volume", config.default_volume, () => onVolume(this.volume));
    element("open-settings").addEventListener("click", () => element("settings").showModal());
  }

  get volume() {
    return Number(element("volume").value);
  }

  /** Tells the server all that was chosen; what was not is left to its own defaults. */
  tell() {
    const { volume: _oursAlone, ...choices } = this.#choices;
    const chosen = Object.entries(choices).filter(([, value]) => value !== "");
    if (chosen.length > 0) this.#chosen(Object.fromEntries(chosen));
  }

  #chosen(choices) {
    this.#send({ type: "config", ...choices });
  }

  #setUpSelect(name, choices) {
    const select = element(name);
    select.replaceChildren(
      new Option("The server's choice", ""),
      ...choices.map(({ value, label }) => new Option(label, value)),
    );
    select.closest(".field").hidden = choices.length === 0;
    const offered = choices.some(({ value }) => value === this.#choices[name]);
    if (!offered) delete this.#choices[name];
    select.value = this.#choices[name] ?? "";
    select.addEventListener("change", () => {
      this.#keep(name, select.value);
      if (select.value) this.#chosen({ [name]: select.value });
    });
  }

  #setUpRange(name, otherwise, onChange) {
    const range = element(name);
    const show = () => {
      element(`${name}-shown`).value = `${Math.round(range.value * 100)}%`;
    };
    range.value = Number.isFinite(this.#choices[name]) ? this.#choices[name] : otherwise;
    show();
    range.addEventListener("input", show);
    range.addEventListener("change", () => {
      this.#keep(name, Number(range.value));
      onChange();
    });
  }

  #keep(name, value) {
    this.#choices = { ...this.#choices, [name]: value };
    saveChoices(this.#choices);
  }
}
