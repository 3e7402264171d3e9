/** What is known of tracer, injection and times of a raw scan: from its header, a JSON of BIDS-PET fields and what the caller says. */
import { DataError, halfLives, type Metadata, type Radionuclide, type Seconds } from "@quintet/core";
import { readJson } from "@quintet/io";
import { readFileBounded } from "@quintet/io/node";
import { radionuclideOf } from "@quintet/modalities/pet";
import type { RawStatement } from "./raw-scan.ts";

export interface TracerOptions {
  readonly radionuclide?: string;
  /** Of the injection, seconds after the start of the scan; negative before it. */
  readonly injection?: Seconds;
  /** Net injected activity at the injection, MBq. */
  readonly dose?: number;
  /** A JSON of BIDS-PET fields. */
  readonly about?: string;
}

export interface TracerFacts {
  readonly radionuclide?: Radionuclide;
  /** Of the injection, seconds from TimeZero. */
  readonly injection?: Seconds;
  /** Where the scan's own clock is 0, seconds from TimeZero. */
  readonly scanStart: Seconds;
  /** For the side file. */
  readonly fields: Metadata;
}

/** Fields that a reconstruction itself determines: those of another image are not taken along. */
const ofAnImage =
  /^(Recon|Image|Frame|Units$|DecayCorrection|DecayFactor|ScatterCorrection|ScatterFraction|RandomsCorrection|RandomRate|PromptRate|SinglesRate|AttenuationCorrection|ScanDuration|ScaleFactor|Conversion|GeneratedBy|Sources|note$)/;
/** Times that say the same may differ by rounding to whole seconds. */
const sameTime: Seconds = 1;

/**
 * Every source is asked, and two that disagree are refused. Times of the side file count from TimeZero: that of `about`, whose
 * ScanStart says where the scan lies, or the start of the scan.
 *
 * @param raw for messages
 * @throws DataError `unknown-radionuclide`, `disagreement`, `missing-scan-start`, those of readJson
 */
export async function tracerFacts(raw: string, stated: RawStatement, options: TracerOptions): Promise<TracerFacts> {
  const { about } = options;
  const given =
    about === undefined ? {} : readJson(new TextDecoder().decode(await readFileBounded(about, 2 ** 24)), about);
  const kept = Object.fromEntries(Object.entries(given).filter(([key]) => !ofAnImage.test(key)));
  const nuclide = radionuclideFrom(raw, stated, given, options);
  const own = number(given, "InjectionStart", about);
  const start = number(given, "ScanStart", about);
  if (own !== undefined && start === undefined) {
    throw new DataError("missing-scan-start", "the injection's time means nothing without that of the scan", {
      file: about ?? raw,
      expected: "ScanStart beside InjectionStart, both in seconds from TimeZero",
      found: "InjectionStart alone",
    });
  }
  const scanStart = start ?? 0;
  const said = options.injection === undefined ? undefined : scanStart + options.injection;
  if (own !== undefined && said !== undefined) {
    agree("the injection", [own, said], sameTime, [`${about}: ${own} s from TimeZero`, `--injection: ${said} s`], raw);
  }
  const injection = said ?? own;
  const clock = stated.startedAt?.slice(11);
  const zero = typeof given.TimeZero === "string" ? given.TimeZero : undefined;
  if (clock !== undefined && zero !== undefined) {
    const day = 86_400;
    const apart = (((secondsOf(zero) + scanStart - secondsOf(clock)) % day) + day + day / 2) % day;
    agree("the scan's start", [apart, day / 2], sameTime, [`${about}: ${zero} + ${scanStart} s`, `${clock}`], raw);
  }
  const timeZero = zero ?? (scanStart === 0 ? clock : undefined);
  return {
    ...(nuclide?.known ? { radionuclide: nuclide.known } : {}),
    ...(injection === undefined ? {} : { injection }),
    scanStart,
    fields: {
      ...kept,
      ...doseOf(given, options, raw),
      ...(nuclide ? { TracerRadionuclide: nuclide.name } : {}),
      ...(timeZero === undefined ? {} : { TimeZero: timeZero }),
      ScanStart: scanStart,
      ...(injection === undefined ? {} : { InjectionStart: injection }),
    },
  };
}

interface Named {
  readonly from: string;
  /** As written in the table of half-lives where it is there. */
  readonly name: string;
  readonly known?: Radionuclide;
}

function radionuclideFrom(
  raw: string,
  { radionuclide: header, halfLife }: RawStatement,
  { TracerRadionuclide: inJson }: Metadata,
  { radionuclide: said, about }: TracerOptions,
): Named | undefined {
  const named = [
    ...(said === undefined ? [] : [{ from: "--radionuclide", name: said, known: radionuclideOf(said) }]),
    ...(typeof inJson === "string" && inJson !== "n/a" ? [nuclideIn(about ?? "", inJson)] : []),
    // What writers put who know none.
    ...(header === undefined || /^(unknown|none|n\/a)?$/i.test(header.trim()) ? [] : [nuclideIn(raw, header)]),
  ].map((one): Named => ({ ...one, name: one.known ?? one.name }));
  const [first] = named;
  const other = named.find(({ name }) => name !== first?.name);
  if (first && other) {
    throw disagreement("radionuclides", `${first.from}: ${first.name}`, `${other.from}: ${other.name}`, raw);
  }
  if (first?.known && halfLife !== undefined && Math.abs(halfLife / halfLives[first.known] - 1) > 0.01) {
    throw disagreement("half-lives", `${halfLives[first.known]} s of ${first.known}`, `the header: ${halfLife} s`, raw);
  }
  return first;
}

/** A file may name what has no entry in the table: it is carried along, and refused where it is needed. */
function nuclideIn(from: string, name: string): Named {
  try {
    return { from, name, known: radionuclideOf(name) };
  } catch (error) {
    if (error instanceof DataError) return { from, name };
    throw error;
  }
}

function doseOf(given: Metadata, { dose, about }: TracerOptions, raw: string): Metadata {
  if (dose === undefined) return {};
  const { InjectedRadioactivity: value, InjectedRadioactivityUnits: unit } = given;
  const scale = { Bq: 1e-6, kBq: 1e-3, MBq: 1, GBq: 1e3, mCi: 37 }[typeof unit === "string" ? unit : ""];
  if (value !== undefined && !(typeof value === "number" && scale && Math.abs((value * scale) / dose - 1) < 1e-3)) {
    throw disagreement("injected activities", `--dose: ${dose} MBq`, `${about}: ${value} ${unit}`, raw);
  }
  return { InjectedRadioactivity: dose, InjectedRadioactivityUnits: "MBq" };
}

/** @throws DataError `disagreement` */
function agree(
  what: string,
  [a, b]: readonly [number, number],
  most: number,
  [one, other]: readonly [string, string],
  file: string,
): void {
  if (!(Math.abs(a - b) <= most)) throw disagreement(`times of ${what}`, one, other, file);
}

function disagreement(what: string, expected: string, found: string, file: string): DataError {
  return new DataError("disagreement", `two ${what} are stated`, { file, expected, found });
}

/** @throws DataError `bad-number` (it is there and no number) */
function number(fields: Metadata, name: string, file = ""): number | undefined {
  const value = fields[name];
  if (value === undefined || value === null || value === "n/a") return undefined;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new DataError("bad-number", `${name} is a number of seconds`, { file, found: JSON.stringify(value) });
}

/** Of the day. */
function secondsOf(clock: string): Seconds {
  const [hours = Number.NaN, minutes = Number.NaN, seconds = 0] = clock.split(":").map(Number);
  return 3600 * hours + 60 * minutes + seconds;
}
