/** Units as tables of curves spell them: time to seconds, activity to Bq/mL. */
import { DataError, type Seconds } from "@quintet/core";
import { quoted } from "../bids/text.ts";

const seconds: Readonly<Record<string, Seconds>> = {
  s: 1,
  sec: 1,
  second: 1,
  seconds: 1,
  min: 60,
  minute: 60,
  minutes: 60,
  h: 3600,
  hour: 3600,
  hours: 3600,
};

/** To Bq/mL; 1 mL = 1 cc. Keys in lower case, so MBq and mBq must not both be known: mBq is no unit of blood. */
const activities: Readonly<Record<string, number>> = {
  "bq/ml": 1,
  "bq/cc": 1,
  "bq/cm3": 1,
  "kbq/ml": 1e3,
  "kbq/cc": 1e3,
  "kbq/cm3": 1e3,
  "mbq/ml": 1e6,
  "mbq/cc": 1e6,
  "nci/ml": 37,
  "nci/cc": 37,
  "uci/ml": 37e3,
  "uci/cc": 37e3,
};

/** @throws DataError `unknown-units` */
export function secondsPer(unit: string | undefined, what: string, file: string): number {
  return known(seconds, unit, what, "s, min or h", file);
}

/** @throws DataError `unknown-units` */
export function activityUnit(unit: string | undefined, what: string, file: string): number {
  return known(activities, unit, what, Object.keys(activities).join(", "), file);
}

function known(
  table: Readonly<Record<string, number>>,
  unit: string | undefined,
  what: string,
  expected: string,
  file: string,
): number {
  const found = table[unit?.trim().toLowerCase() ?? ""];
  if (found === undefined)
    throw new DataError("unknown-units", what, { file, expected, found: quoted(unit ?? "nothing") });
  return found;
}
