import type { Side } from "@quintet/core";

export interface SidedName {
  readonly side: Side;
  /** The name without its side. */
  readonly base: string;
}

/** How atlases write the side: AAL Precentral_L, FreeSurfer Left-Putamen and ctx-lh-insula, "Left Frontal Pole", "Frontal Pole, left". */
const patterns: readonly [RegExp, (match: RegExpMatchArray) => readonly [side: string, base: string]][] = [
  [/^(left|right)[\s_.-]+(.+)$/i, (m) => [m[1] as string, m[2] as string]],
  [/^(.+?)[\s_.,-]+\(?(left|right)\)?$/i, (m) => [m[2] as string, m[1] as string]],
  [/^(.*?)\b(lh|rh)[\s_.-]+(.+)$/i, (m) => [m[2] as string, `${m[1]}${m[3]}`]],
  [/^(.+?)[\s_.-](l|r|lh|rh)$/i, (m) => [m[2] as string, m[1] as string]],
  [/^(l|r)[\s_.-]+(.+)$/i, (m) => [m[1] as string, m[2] as string]],
];

/** Splits the side off a region's name; a name without a side is "midline". */
export function sideOf(name: string): SidedName {
  const trimmed = name.trim();
  for (const [pattern, take] of patterns) {
    const match = trimmed.match(pattern);
    if (!match) continue;
    const [side, base] = take(match);
    return { side: /^l/i.test(side) ? "left" : "right", base };
  }
  return { side: "midline", base: trimmed };
}

export interface Homologues<T> {
  readonly region: string;
  readonly left: T;
  readonly right: T;
}

/** Pairs rows whose names differ in the side only, in the order of the left ones; rows without a partner are left out. */
export function pairHomologues<T extends { readonly name: string }>(rows: readonly T[]): Homologues<T>[] {
  const key = (base: string): string => base.toLowerCase().replaceAll(/[\s_.-]+/g, " ");
  const right = new Map<string, T>();
  for (const row of rows) {
    const { side, base } = sideOf(row.name);
    if (side === "right") right.set(key(base), row);
  }
  return rows.flatMap((row) => {
    const { side, base } = sideOf(row.name);
    const partner = side === "left" ? right.get(key(base)) : undefined;
    return partner ? [{ region: base, left: row, right: partner }] : [];
  });
}
