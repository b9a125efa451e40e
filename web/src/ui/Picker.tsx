import type { Choice } from "../../client/index.ts";

interface PickerProps {
  id?: string;
  label?: string;
  className?: string | undefined;
  value: string;
  /** The name of the empty choice, where there is one. */
  usual?: string;
  choices: readonly Choice[];
  /** The heading under which a choice stands, in lists that are long. */
  groupOf?: (choice: Choice) => string;
  onChange: (value: string) => void;
}

/** A native list to choose from: it is known to every finger, key and screen reader. */
export function Picker({
  id,
  label,
  className,
  value,
  usual,
  choices,
  groupOf,
  onChange,
}: PickerProps) {
  const options = (some: readonly Choice[]) =>
    some.map((choice) => (
      <option key={choice.value} value={choice.value}>
        {choice.label}
      </option>
    ));
  const groups = groupOf && Object.entries(Object.groupBy(choices, groupOf));
  return (
    <select
      id={id}
      aria-label={label}
      className={className}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      {usual !== undefined && <option value="">{usual}</option>}
      {groups === undefined
        ? options(choices)
        : groups.map(([name, some = []]) => (
            <optgroup key={name} label={name}>
              {options(some)}
            </optgroup>
          ))}
    </select>
  );
}
