/** A signal's unit as a reader writes it. */
import type { DisplayUnit } from "@quintet/view";
import { displayUnit } from "@quintet/view";

export function displayOf(unit: string): DisplayUnit {
  return displayUnit(unit);
}

/** "50 µV" */
export function spacingText(spacing: ReadonlyMap<string, number>): string {
  return [...spacing].map(([unit, value]) => `${Number(value.toPrecision(2))} ${displayOf(unit).unit}`).join(", ");
}
