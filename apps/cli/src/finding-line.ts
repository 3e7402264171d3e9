import type { QcFinding } from "@quintet/core";

/** One finding on one line: counts to the last one, other figures in four digits. */
export function findingLine({ name, value, unit, verdict, note }: QcFinding): string {
  return `  ${verdict === "ok" ? "-" : "!"} ${name} ${figureOf(value, unit)} (${note})`;
}

/** A finding's value with its unit. */
export function figureOf(value: number | string, unit: string | undefined): string {
  if (typeof value === "string") return value;
  if (unit === "{count}") return value.toLocaleString("en-US");
  const figure = String(Number(value.toPrecision(4)));
  return unit === undefined || unit === "1" ? figure : `${figure} ${unit}`;
}
