/** Rows for raw SPECT: what a turning camera took, of DICOM NM and of Interfile in the same words. */

import { type NuclearAcquisition, nuclearAcquisition } from "../../dicom/nuclear-acquisition.ts";
import { isNuclearProjections, readNuclearProjections } from "../../dicom/nuclear-projections.ts";
import { type DicomFile, readDicomTags } from "../../dicom/tags.ts";
import { dicomText } from "../../dicom/values.ts";
import { type InterfileHeader, interfileNumber, interfileText } from "../../interfile/header.ts";
import { interfileProjections, readInterfileProjections } from "../../interfile/projections.ts";
import { readFileBounded } from "../files.ts";
import { dicomTime } from "../import/date-shift.ts";
import { readInterfileData } from "../interfile.ts";
import { knownStart } from "../known-start.ts";
import type { InspectRow } from "./inspect-path.ts";

/** An acquisition of projections, as far as its file tells it. */
export interface SpectAcquisition {
  readonly detectors: number;
  readonly rotations: number;
  /** Of each detector, in one rotation and one energy window. */
  readonly views?: number;
  /** Of the angle as the file counts it: DICOM from the patient's back towards the left side. */
  readonly direction?: "clockwise" | "counter-clockwise";
  /** Degrees from view to view. */
  readonly step?: number;
  /** Degrees, of each detector, as the file counts them. */
  readonly startAngles?: readonly number[];
  /** Where each detector's first view was taken from: front, left, back, right of the patient, or between two. */
  readonly firstViewFrom?: readonly string[];
  /** Millimetres from the axis to the camera's face, of all views. */
  readonly radii?: { readonly least: number; readonly most: number };
  /** Seconds. */
  readonly viewDuration?: number;
  readonly collimator?: string;
  readonly beam?: "parallel" | "fan";
  /** Millimetres. */
  readonly focalDistance?: number;
  /** keV; counts where the pixels could be read. */
  readonly windows: readonly { readonly low?: number; readonly high?: number; readonly counts?: number }[];
}

/** A row for an NM file of projections; undefined for every other DICOM file. @throws DataError those of readDicomTags */
export async function nuclearRow(full: string, path: string): Promise<InspectRow | undefined> {
  const dataset = readDicomTags(await readFileBounded(full), { file: path });
  return isNuclearProjections(dataset) ? projectionsRow(dataset, path) : undefined;
}

function projectionsRow(dataset: DicomFile, path: string): InspectRow {
  const about = nuclearAcquisition(dataset);
  const problems: string[] = [];
  let read: ReadPixels = { counts: [], angles: [], notes: [] };
  try {
    const { windows, notes } = readNuclearProjections(dataset);
    read = {
      counts: windows.map(({ data }) => data.reduce((sum, y) => sum + y, 0)),
      angles: Array.from(windows[0]?.angles ?? []),
      notes,
    };
  } catch (cause) {
    problems.push((cause as Error).message.replace(`${path}: `, ""));
  }
  const acquisition = ofNuclear(about, read);
  const startedAt = knownStart(dicomTime(dicomText(dataset, "AcquisitionDate"), dicomText(dataset, "AcquisitionTime")));
  const { columns, rows } = about;
  const { detectors, rotations, views, viewDuration } = acquisition;
  return {
    path,
    format: "DICOM projections",
    modality: "spect",
    ...(columns !== undefined && rows !== undefined && views !== undefined
      ? { shape: [columns, rows, views * detectors * rotations] }
      : {}),
    contents: wordsOf(acquisition, read.notes),
    unit: "{count}",
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(viewDuration !== undefined && views !== undefined ? { duration: viewDuration * views * rotations } : {}),
    projections: acquisition,
    problems,
  };
}

interface ReadPixels {
  readonly counts: readonly number[];
  /** Of the world, radians, of each view. */
  readonly angles: readonly number[];
  readonly notes: readonly string[];
}

function ofNuclear(
  { frames, counted, detectors, rotations, windows }: NuclearAcquisition,
  { counts, angles }: ReadPixels,
): SpectAcquisition {
  const [rotation] = rotations;
  const views = frames / counted.detectors / counted.rotations / counted.windows;
  const own = detectors.flatMap(({ radii }) => radii);
  const radii = own.length > 0 ? own : rotations.flatMap((one) => one.radii);
  const starts = detectors.flatMap(({ startAngle }) => startAngle ?? []);
  const startAngles = starts.length > 0 ? starts : rotations.flatMap(({ startAngle }) => startAngle ?? []);
  const direction = { CC: "counter-clockwise", CW: "clockwise" }[rotation?.direction ?? ""];
  const [head] = detectors;
  const beam = { PARA: "parallel", FANB: "fan" }[head?.collimatorType ?? ""];
  return {
    detectors: counted.detectors,
    rotations: counted.rotations,
    ...(Number.isInteger(views) ? { views } : {}),
    ...(direction === undefined ? {} : { direction: direction as "clockwise" | "counter-clockwise" }),
    ...(rotation?.step === undefined ? {} : { step: Math.abs(rotation.step) }),
    ...(startAngles.length > 0 ? { startAngles } : {}),
    ...(angles.length > 0
      ? { firstViewFrom: Array.from({ length: counted.detectors }, (_, d) => sideOf(angles[d * views] as number)) }
      : {}),
    ...(radii.length > 0 ? { radii: { least: Math.min(...radii), most: Math.max(...radii) } } : {}),
    ...(rotation?.viewDuration ? { viewDuration: rotation.viewDuration } : {}),
    ...(head?.collimator ? { collimator: head.collimator } : {}),
    ...(beam === undefined ? {} : { beam: beam as "parallel" | "fan" }),
    ...(beam === "fan" && head?.focalDistance ? { focalDistance: head.focalDistance } : {}),
    windows: Array.from({ length: counted.windows }, (_, w) => ({
      ...windows[w],
      ...(counts[w] === undefined ? {} : { counts: counts[w] }),
    })),
  };
}

/** What an Interfile header of projections says, with the counts of its first frame where the data file can be read. */
export async function interfileAcquisition(header: InterfileHeader): Promise<SpectAcquisition> {
  const { angles, radii, facts } = interfileProjections(header);
  const views = angles.length;
  const counts = await readInterfileData(header)
    .then(({ data }) => readInterfileProjections(header, data).data.reduce((sum, y) => sum + y, 0))
    // a data file that is missing or cut is a problem of the row
    .catch(() => undefined);
  const [window] = facts.energyWindows;
  const length = facts.frames[0]?.duration ?? 0;
  return {
    detectors: 1,
    rotations: 1,
    views,
    direction:
      interfileText(header, "direction of rotation")?.toUpperCase() === "CW" ? "clockwise" : "counter-clockwise",
    step: (interfileNumber(header, "extent of rotation") ?? 360) / views,
    startAngles: [interfileNumber(header, "start angle") ?? 0],
    firstViewFrom: [sideOf(angles[0] as number)],
    radii: { least: Math.min(...radii), most: Math.max(...radii) },
    ...(length > 0 ? { viewDuration: length / views } : {}),
    beam: "parallel",
    windows: [{ ...window, ...(counts === undefined ? {} : { counts }) }],
  };
}

const sides = ["right", "front right", "front", "front left", "left", "back left", "back", "back right"] as const;

/** Side of the patient from which a camera at (cos a, sin a) looks; the world's x goes to the right, y to the front. */
function sideOf(angle: number): string {
  return sides[((Math.round(angle / (Math.PI / 4)) % 8) + 8) % 8] as string;
}

/** The acquisition for people, in the order in which a technologist would tell it. */
export function wordsOf(acquisition: SpectAcquisition, notes: readonly string[]): string {
  const { detectors, rotations, views, direction, step, startAngles, firstViewFrom, radii, windows } = acquisition;
  const { viewDuration, collimator, beam, focalDistance } = acquisition;
  const many = (n: number, word: string): string => `${n} ${word}${n === 1 ? "" : "s"}`;
  const number = (x: number): string => Number(x.toPrecision(5)).toString();
  const turn = [
    many(rotations, "rotation"),
    ...(direction === undefined ? ["in a direction that is not stated"] : [direction]),
    ...(step === undefined ? [] : [`in steps of ${number(step)} degrees`]),
  ].join(" ");
  const starts = (startAngles ?? []).map((angle, d) => {
    const from = firstViewFrom?.[d];
    return `${number(angle)} degrees${from === undefined ? "" : ` (${from} of the patient)`}`;
  });
  return [
    `${many(detectors, "detector")}${views === undefined ? ", views uneven" : ` of ${many(views, "view")}`}`,
    turn,
    ...(starts.length > 0 ? [`first view at ${starts.join(" and ")}`] : ["start angle not stated"]),
    radii === undefined
      ? "radii not stated"
      : radii.least === radii.most
        ? `radius ${number(radii.least)} mm`
        : `radii ${number(radii.least)} to ${number(radii.most)} mm`,
    ...(viewDuration === undefined ? [] : [`${number(viewDuration)} s a view`]),
    ...(collimator === undefined && beam === undefined
      ? []
      : [
          `collimator ${[collimator, beam === "parallel" ? "with parallel holes" : beam === "fan" ? `with a fan beam${focalDistance === undefined ? "" : ` of ${number(focalDistance)} mm`}` : undefined].filter(Boolean).join(" ")}`,
        ]),
    ...windows.map(({ low, high, counts }, w) => {
      const name = windows.length > 1 ? `window ${w + 1}` : "window";
      const range = low === undefined || high === undefined ? "not stated" : `${number(low)} to ${number(high)} keV`;
      return `${name} ${range}${counts === undefined ? "" : `, ${Math.round(counts).toLocaleString("en-US")} counts`}`;
    }),
    ...notes,
  ].join("; ");
}
