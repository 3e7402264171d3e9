import { DataError } from "@quintet/core";

/**
 * A number in the 8 ASCII characters of an EDF header field, rounded outward: `"down"` never lies above the value,
 * `"up"` never below it.
 *
 * @throws DataError `bad-number` when it does not fit
 */
export function eightCharacters(value: number, direction: "down" | "up"): string {
  if (Number.isInteger(value) && String(value).length <= 8) return String(value);
  for (let decimals = 6; decimals >= 0; decimals--) {
    const step = 10 ** -decimals;
    const rounded = direction === "up" ? Math.ceil(value / step) * step : Math.floor(value / step) * step;
    const text = rounded.toFixed(decimals);
    const outward = direction === "up" ? Number(text) >= value : Number(text) <= value;
    if (text.length <= 8 && outward) return text;
  }
  throw new DataError("bad-number", "a number does not fit 8 characters", {
    expected: "8 characters",
    found: `${value}`,
  });
}

/** A duration that 8 characters hold exactly, or undefined. */
export function exactEightCharacters(value: number): string | undefined {
  const text = String(Number(value.toPrecision(15)));
  return text.length <= 8 && /^[\d.]+$/.test(text) ? text : undefined;
}
