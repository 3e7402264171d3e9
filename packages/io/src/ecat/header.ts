/**
 * Main header of ECAT 7: 512 bytes, big-endian whatever machine wrote them.
 *
 * @see CTI/Siemens ECAT 7.2 file header layouts (ECAT72_headers), as tabled by PET2BIDS ecat_headers.json
 */
import { DataError, type VoxelUnit } from "@quintet/core";
import { type ByteReader, byteReader, latin1 } from "../bytes/byte-reader.ts";
import type { PatientPosition } from "../interfile/frames.ts";

export const blockBytes = 512;

export interface EcatHeader {
  readonly file: string;
  readonly version: number;
  /** 6 and 7 are volumes; 1, 11 and 14 sinograms, 3 attenuation, 4 and 13 normalisation. */
  readonly fileType: number;
  /** Scanner model, e.g. 962 (HR+), 328 (HRRT). */
  readonly system: number;
  readonly isotope?: string;
  /** Seconds. */
  readonly halfLife?: number;
  readonly radiopharmaceutical?: string;
  /** From image numbers to `unit`, before each frame's own factor; 1 where the header states none. */
  readonly calibration: number;
  readonly unit: VoxelUnit;
  /** As the header spells it. */
  readonly statedUnit?: string;
  readonly position?: PatientPosition;
  /** Seconds since 1970 as the writer counted them. */
  readonly scanStart?: number;
  readonly doseStart?: number;
  readonly weight?: number;
  /** Names of the filled identity fields; what they say is not repeated. */
  readonly identity: readonly string[];
}

/** Whether these bytes begin an ECAT 7 file. */
export function looksLikeEcat(bytes: Uint8Array): boolean {
  return /^MATRIX7[0-9]/.test(latin1(bytes.subarray(0, 14)));
}

const units: Readonly<Record<string, VoxelUnit>> = {
  "bq/cc": "Bq/mL",
  "bq/ml": "Bq/mL",
  "1/cm": "1/cm",
  "ecat counts": "{count}",
  counts: "{count}",
};

/** @throws DataError `not-ecat` (also for a header written little-endian), `truncated` */
export function readEcatHeader(bytes: Uint8Array, file: string): EcatHeader {
  if (!looksLikeEcat(bytes)) {
    throw new DataError("not-ecat", "the file does not begin as an ECAT 7 file", { file, expected: "MATRIX7" });
  }
  const reader = byteReader(bytes, file, false);
  reader.bytes(0, blockBytes, "the main header");
  const version = reader.int16(46, "the version");
  if (version < 70 || version > 79) {
    const swapped = ((version & 0xff) << 8) | ((version >> 8) & 0xff);
    throw new DataError("not-ecat", "the header is not the big-endian one of ECAT 7", {
      file,
      expected: "version 70 to 79",
      found: swapped >= 70 && swapped <= 79 ? `${swapped} written little-endian` : `${version}`,
    });
  }
  const text = (at: number, length: number): string | undefined =>
    reader.text(at, length, "a text").trim() || undefined;
  const positive = (value: number): number | undefined => (value > 0 && Number.isFinite(value) ? value : undefined);
  const factor = positive(reader.float32(144, "the calibration factor"));
  const calibrated = reader.int16(148, "calibration units") === 1;
  const statedUnit = text(466, 32);
  const known = units[statedUnit?.toLowerCase() ?? ""];
  const given = {
    isotope: text(66, 8),
    halfLife: positive(reader.float32(74, "the half-life")),
    radiopharmaceutical: text(78, 32),
    statedUnit,
    position: positions[reader.int16(330, "the patient's orientation")],
    scanStart: positive(reader.int32(62, "the scan's start")),
    doseStart: positive(reader.int32(454, "the injection's time")),
    weight: positive(reader.float32(224, "the weight")),
  };
  return {
    file,
    version,
    fileType: reader.int16(50, "the file type"),
    system: reader.int16(48, "the system"),
    calibration: factor ?? 1,
    unit: known !== undefined && (calibrated || known !== "Bq/mL") ? known : "{arbitrary}",
    identity: identityOf(reader),
    ...(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as object),
  };
}

/** Bit 0 head first; bits 1 and 2: prone, supine, on a side. */
const positions: Readonly<Record<number, PatientPosition>> = { 0: "FFP", 1: "HFP", 2: "FFS", 3: "HFS" };

const telling: readonly (readonly [at: number, length: number, name: string])[] = [
  [166, 16, "PATIENT_ID"],
  [182, 32, "PATIENT_NAME"],
  [232, 32, "PHYSICIAN_NAME"],
  [264, 32, "OPERATOR_NAME"],
  [332, 20, "FACILITY_NAME"],
];

function identityOf(reader: ByteReader): readonly string[] {
  const named = telling.flatMap(([at, length, name]) => (reader.text(at, length, name).trim() === "" ? [] : [name]));
  return reader.int32(228, "the birth date") > 0 ? [...named, "PATIENT_BIRTH_DATE"] : named;
}
