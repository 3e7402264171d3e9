/**
 * A number typed with a decimal point or a decimal comma, whatever the browser's language: the browser's own number fields
 * take only the one of their language, and drop the other without a word.
 */
import { useState } from "react";
import { parseNumber } from "../state/parse-number.ts";

interface NumberFieldProps {
  readonly value: number | undefined;
  readonly label: string;
  readonly onValue: (value: number) => void;
  /** What an emptied field means; without it an empty field changes nothing. */
  readonly empty?: number;
  readonly placeholder?: string;
  readonly step?: number;
  readonly min?: number;
  readonly max?: number;
}

export function NumberField(props: NumberFieldProps): React.JSX.Element {
  const { value, label, onValue, empty, placeholder, step = 1, min = -Infinity, max = Infinity } = props;
  const [text, setText] = useState<string>();
  const shown = value === undefined ? "" : String(Number(value.toPrecision(6)));
  // A value that was moved from elsewhere meanwhile is shown in place of what was typed before.
  const own = text === undefined ? undefined : parseNumber(text);
  const stale = own !== undefined && value !== undefined && Math.min(max, Math.max(min, own)) !== value;
  const typed = text === undefined || stale ? shown : text;
  const wrong = typed.trim() !== "" && parseNumber(typed) === undefined;
  const give = (next: number): void => onValue(Math.min(max, Math.max(min, next)));
  return (
    <input
      type="text"
      inputMode="decimal"
      className={wrong ? "number wrong" : "number"}
      aria-invalid={wrong}
      aria-label={label}
      placeholder={placeholder}
      value={typed}
      onChange={(e) => {
        setText(e.target.value);
        const next = e.target.value.trim() === "" ? empty : parseNumber(e.target.value);
        if (next !== undefined) give(next);
      }}
      onBlur={() => setText(undefined)}
      onKeyDown={(e) => {
        if (e.key === "Enter") setText(undefined);
        if (e.key !== "ArrowUp" && e.key !== "ArrowDown") return;
        e.preventDefault();
        setText(undefined);
        const by = (e.key === "ArrowUp" ? step : -step) * (e.shiftKey ? 10 : 1);
        give(Number(((value ?? 0) + by).toPrecision(12)));
      }}
    />
  );
}
