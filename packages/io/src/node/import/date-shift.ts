/** One shift for all dates of a person: whole days, so that times of day, intervals and decay stay as they were. */
import { createHash, randomBytes } from "node:crypto";
import { DataError } from "@quintet/core";

const day = 86_400_000;
const firstTarget = Date.UTC(1905, 0, 1);
const lastTarget = Date.UTC(1915, 0, 1);

/** `seed` makes the shift repeatable; `days` states it. With neither it is random and nowhere stored. */
export interface ShiftOptions {
  readonly seed?: number;
  readonly days?: number;
}

export interface DateShift {
  /**
   * ISO 8601 without zone, moved by the person's whole days.
   *
   * @throws DataError `bad-time`
   */
  readonly shift: (iso: string) => string;
}

const iso = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d:\d\d:\d\d(?:\.\d+)?))?(?:Z)?$/;

/**
 * The first date that is shifted lands on a random day of 1905-1914; every other date moves by the same number of days.
 * BIDS marks shifted dates by a year of 1925 or earlier.
 */
export function dateShift({ seed, days }: ShiftOptions): DateShift {
  let moved = days;
  return {
    shift(text) {
      const [, year, month, date, time] = text.match(iso) ?? [];
      const stamp = Date.UTC(Number(year), Number(month) - 1, Number(date));
      const same = Number.isFinite(stamp) && new Date(stamp).getUTCDate() === Number(date);
      if (!same) throw new DataError("bad-time", "date", { expected: "2009-06-15T13:45:30", found: "something else" });
      moved ??= Math.round((firstTarget + draw(seed) * (lastTarget - firstTarget) - stamp) / day);
      const shifted = new Date(stamp + moved * day).toISOString().slice(0, 10);
      return time === undefined ? shifted : `${shifted}T${time}`;
    },
  };
}

/** Uniform in [0, 1): from the seed, or from the machine's entropy. */
function draw(seed: number | undefined): number {
  const bytes = seed === undefined ? randomBytes(6) : createHash("sha256").update(`date shift ${seed}`).digest();
  return bytes.readUIntBE(0, 6) / 2 ** 48;
}

/** Date of DICOM (20090615) and time (134530.25) as ISO 8601; undefined when either is unusable. */
export function dicomTime(date: string | undefined, time: string | undefined): string | undefined {
  const [, y, m, d] = date?.trim().match(/^(\d{4})[.]?(\d\d)[.]?(\d\d)$/) ?? [];
  const [, hh, mm, ss, fraction = ""] = time?.trim().match(/^(\d\d):?(\d\d):?(\d\d)(\.\d{1,6})?/) ?? [];
  if (y === undefined || hh === undefined) return undefined;
  return `${y}-${m}-${d}T${hh}:${mm}:${ss}${fraction}`;
}

/** Seconds from `a` to `b`, to the microsecond: seconds since 1970 hold no more. */
export function secondsBetween(a: string, b: string): number {
  return Math.round((seconds(b) - seconds(a)) * 1e6) / 1e6;
}

function seconds(text: string): number {
  const [whole = "", fraction = ""] = text.split(".");
  return Date.parse(`${whole}Z`) / 1000 + (fraction === "" ? 0 : Number(`0.${fraction}`));
}
