/** Rows for what PET has beside images: projections, list mode, curves of regions and blood. */
import { stat } from "node:fs/promises";
import { sinogramPlanes, type Tacs } from "@quintet/core";
import { decodeText } from "../../bids/text.ts";
import { isGzip } from "../../bytes/gunzip.ts";
import { readEcatHeader } from "../../ecat/header.ts";
import { checkDataSize, type DataSets } from "../../interfile/data-sets.ts";
import { interfileFacts, type PatientPosition } from "../../interfile/frames.ts";
import type { InterfileHeader } from "../../interfile/header.ts";
import { interfileImage } from "../../interfile/image.ts";
import { interfileProjections, isInterfileProjections } from "../../interfile/projections.ts";
import { interfileSinogram, isInterfileSinogram } from "../../interfile/sinogram-layout.ts";
import { readPetsird } from "../../petsird/petsird.ts";
import { readDft } from "../../tac/dft.ts";
import { readPmodBlood, readPmodTac } from "../../tac/pmod.ts";
import { openFileSource } from "../file-source.ts";
import { readFileBounded } from "../files.ts";
import { interfileDataPath, openInterfile } from "../interfile.ts";
import { type FileKind, headOf, unpackedHead } from "../sniff.ts";
import { maxTsvBytes } from "../study/side-files.ts";
import type { InspectRow } from "./inspect-path.ts";
import { interfileAcquisition, wordsOf } from "./spect-row.ts";

/** Larger list-mode files are told by their header alone. */
const walkedWhole = 256 * 2 ** 20;

export function isPetRaw(kind: FileKind): boolean {
  return kind === "PETSIRD" || kind === "PMOD" || kind === "DFT";
}

/** @throws DataError those of the readers */
export async function petRow(full: string, path: string, kind: FileKind): Promise<InspectRow> {
  if (kind === "PETSIRD") return listModeRow(full, path);
  const text = decodeText(await readFileBounded(full, maxTsvBytes), path);
  if (kind === "DFT") return curvesRow(path, kind, readDft(text, { file: path }));
  if (!/\.bld$/i.test(path)) return curvesRow(path, kind, readPmodTac(text, { file: path }));
  const { curve } = readPmodBlood(text, { file: path });
  const [first = 0, last = 0] = [curve.time[0], curve.time.at(-1)];
  return {
    path,
    format: "PMOD blood",
    modality: "pet",
    unit: curve.unit,
    clock: "pet",
    duration: last - first,
    problems: [],
  };
}

/**
 * A row for an Interfile header of PET or SPECT projections; undefined for one of an image, which is read as every other image. A
 * data file that is missing, or not of the size the header says, is a problem beside the geometry.
 *
 * @throws DataError those of interfileSinogram and interfileImage
 */
export async function sinogramRow(full: string, path: string): Promise<InspectRow | undefined> {
  const header = await openInterfile(full);
  if (isInterfileProjections(header)) {
    const { columns, rows, angles, facts, sets, notes } = interfileProjections(header);
    const acquisition = await interfileAcquisition(header);
    return {
      path,
      format: "Interfile projections",
      modality: "spect",
      shape: [columns, rows, angles.length],
      unit: "{count}",
      ...(facts.system === undefined ? {} : { space: `camera ${facts.system}` }),
      ...(facts.startedAt === undefined ? {} : { startedAt: facts.startedAt }),
      contents: wordsOf(acquisition, notes),
      projections: acquisition,
      problems: await dataProblems(header, sets, path),
    };
  }
  if (!isInterfileSinogram(header)) {
    interfileImage(header);
    return undefined;
  }
  const { layout, facts, sets, notes } = interfileSinogram(header);
  const problems = await dataProblems(header, sets, path);
  const tof = layout.timeOfFlight?.bins ?? 1;
  const length = facts.frames.reduce((sum, { duration }) => sum + duration, 0);
  return {
    path,
    format: "Interfile sinogram",
    modality: "pet",
    shape: [sinogramPlanes(layout).length, ...(tof > 1 ? [tof] : []), layout.bins, layout.views],
    unit: "{count}",
    space: `scanner ${layout.scanner.name}, span ${layout.span}`,
    ...(facts.startedAt === undefined ? {} : { startedAt: facts.startedAt }),
    ...(length > 0 ? { duration: length } : {}),
    problems,
    ...(notes.length > 0 ? { contents: notes.join("; ") } : {}),
  };
}

/** A data file that is missing or not of the size the header says. */
async function dataProblems(header: InterfileHeader, sets: DataSets, path: string): Promise<readonly string[]> {
  const data = await interfileDataPath(header);
  if (data === undefined) return ["its data file is not there: geometry only"];
  if (/\.gz$/i.test(data)) return [];
  try {
    checkDataSize(sets, (await stat(data)).size, path);
    return [];
  } catch (cause) {
    return [(cause as Error).message.replace(`${path}: `, "")];
  }
}

/** That left and right rest on an assumption: the header of an Interfile or ECAT image does not say how the patient lay. */
export async function placeNote(full: string, kind: FileKind): Promise<Pick<InspectRow, "contents">> {
  const position = await positionOf(full, kind);
  return position === undefined ? { contents: "how the patient lay is not stated; read as head first, supine" } : {};
}

async function positionOf(full: string, kind: FileKind): Promise<PatientPosition | undefined> {
  if (kind === "Interfile") return interfileFacts(await openInterfile(full)).position;
  if (kind !== "ECAT") return "HFS";
  const head = await headOf(full);
  return readEcatHeader(isGzip(head) ? unpackedHead(head) : head, full).position;
}

function listModeRow(full: string, path: string): InspectRow {
  using source = openFileSource(full);
  const { header, blocks } = readPetsird(source, { file: path });
  const { scanner, exam } = header;
  const modules = scanner.scannerGeometry.replicatedModules;
  const detectors = modules.reduce(
    (sum, { transforms, object }) => sum + transforms.length * object.detectingElements.transforms.length,
    0,
  );
  const signals = (exam?.externalSignals ?? []).map(({ type, description }) =>
    description === "" ? type : `${type} (${description})`,
  );
  let [events, end] = [0, 0];
  if (source.size <= walkedWhole) {
    for (const [kind, block] of blocks) {
      end = Math.max(end, block.timeInterval.stop);
      if (kind === "EventTimeBlock") for (const list of block.promptEvents.flat()) events += list.length / 3;
    }
  }
  const notes = [
    `${detectors} detectors in ${modules.length} ${modules.length === 1 ? "type" : "types"} of module`,
    source.size <= walkedWhole ? `${events} prompts` : "a large file: time blocks were not walked",
    ...(signals.length > 0 ? [`signals: ${signals.join(", ")}`] : []),
  ];
  const named = exam?.subject.name !== undefined || (exam?.subject.id ?? "") !== "";
  return {
    path,
    format: "PETSIRD list mode",
    modality: "pet",
    space: `scanner ${scanner.modelName}`,
    ...(end > 0 ? { duration: end / 1000 } : {}),
    problems: named ? ["names a person: subject"] : [],
    contents: notes.join(", "),
  };
}

function curvesRow(path: string, kind: FileKind, tacs: Tacs): InspectRow {
  const [first, last] = [tacs.frames[0], tacs.frames.at(-1)];
  const length = first && last ? last.start + last.duration - first.start : 0;
  return {
    path,
    format: kind === "DFT" ? "Turku DFT" : "PMOD curves",
    modality: "pet",
    channels: tacs.regions.length,
    unit: tacs.unit,
    clock: tacs.clock,
    ...(length > 0 ? { duration: length } : {}),
    problems: [],
  };
}
