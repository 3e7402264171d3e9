import { DataError } from "@quintet/core";

/**
 * A number of an EDF header: 8 ASCII characters. A decimal comma is understood and told of; anything else that is no
 * number (a value that overflowed its 8 characters runs into its neighbour) is refused.
 *
 * @throws DataError `bad-number`
 */
export function edfNumber(text: string, what: string, file: string, problems: string[]): number {
  const trimmed = text.replace(/\0/g, " ").trim();
  if (!/^[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?$/.test(trimmed)) {
    throw new DataError("bad-number", `${what} is no number`, {
      file,
      expected: "a number in 8 characters",
      found: JSON.stringify(trimmed),
    });
  }
  if (trimmed.includes(",")) problems.push(`${what} is written with a decimal comma: ${trimmed}`);
  return Number(trimmed.replace(",", "."));
}

/** @throws DataError `bad-number` */
export function edfInteger(text: string, what: string, file: string, problems: string[]): number {
  const value = edfNumber(text, what, file, problems);
  if (!Number.isInteger(value)) {
    throw new DataError("bad-number", `${what} is no whole number`, {
      file,
      expected: "an integer",
      found: `${value}`,
    });
  }
  return value;
}
