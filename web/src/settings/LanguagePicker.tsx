import { type Choice, usualLanguage } from "../../client/index.ts";
import { useSurroundings } from "../app/context.ts";
import { useSettings } from "../hooks/useSettings.ts";
import { languageName } from "../ui/languages.ts";
import { Picker } from "../ui/Picker.tsx";

/** The language to talk in. The usual one is named where it is known, and stands there once. */
export function LanguagePicker({ id, label }: { id?: string; label?: string }) {
  const { config, messages } = useSurroundings();
  const { choices, set } = useSettings();
  const usual = usualLanguage(config, choices);
  const others = config.languages.filter(({ value }) => value !== usual);
  const named = ({ value }: Choice) => ({ value, label: languageName(value) });
  return (
    <Picker
      {...(id !== undefined && { id })}
      {...(label !== undefined && { label })}
      value={choices.language === usual ? "" : (choices.language ?? "")}
      usual={usual ? languageName(usual) : messages.usual.language}
      choices={others.map(named)}
      onChange={(value) => set("language", value)}
    />
  );
}
