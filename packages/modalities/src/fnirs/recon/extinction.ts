import { DataError, type Nanometres } from "@quintet/core";
import { type ExtinctionTable, moaveni, prahl, wray } from "./extinction-tables.ts";
import { cope, matcher } from "./extinction-tables-ucl.ts";

/**
 * "prahl": Gratzer and Kollias (MNE, cedalion); "wray": Wray 1988 (Homer2, Homer3); "moaveni": Moaveni and Schmitt; "cope": Cope 1991
 * (SPM-fNIRS, UCL); "matcher": Matcher 1995 (780 to 900 nm).
 */
export type ExtinctionTableName = "prahl" | "wray" | "moaveni" | "cope" | "matcher";
export const extinctionTables: Readonly<Record<ExtinctionTableName, ExtinctionTable>> = {
  prahl,
  wray,
  moaveni,
  cope,
  matcher,
};

export const extinctionTableNames = Object.keys(extinctionTables) as readonly ExtinctionTableName[];

export interface Extinction {
  /** Decadic molar extinction, cm^-1 / (mol/L). */
  readonly hbo: number;
  readonly hbr: number;
}

/**
 * Decadic molar extinction of oxy- and deoxyhaemoglobin at a wavelength, linear between the table's entries.
 *
 * @returns cm^-1 / (mol/L); absorption in cm^-1 is ln(10) e c
 * @throws DataError `bad-wavelength` outside the table
 */
export function extinction(table: ExtinctionTableName, wavelength: Nanometres): Extinction {
  const { first, step, hbo, hbr } = extinctionTables[table];
  const at = (wavelength - first) / step;
  const last = hbo.length - 1;
  if (!(at >= 0 && at <= last)) {
    throw new DataError("bad-wavelength", `the extinction table ${table} does not hold ${wavelength} nm`, {
      expected: `${first} to ${first + last * step} nm`,
    });
  }
  const below = Math.min(Math.floor(at), last - 1);
  const between = (values: readonly number[]): number =>
    (values[below] as number) + ((values[below + 1] as number) - (values[below] as number)) * (at - below);
  return { hbo: between(hbo), hbr: between(hbr) };
}
