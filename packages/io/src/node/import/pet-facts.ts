/** What ECAT and Interfile images say of tracer, times and person, as fields of a BIDS side file. */
import type { Metadata } from "@quintet/core";
import { readEcat } from "../../ecat/ecat.ts";
import { readEcatHeader } from "../../ecat/header.ts";
import { interfileFacts } from "../../interfile/frames.ts";
import { interfileText } from "../../interfile/header.ts";
import { readUnpacked } from "../files.ts";
import { openInterfile } from "../interfile.ts";
import type { FileKind } from "../sniff.ts";
import { secondsBetween } from "./date-shift.ts";
import { type PersonFacts, radionuclideName } from "./dicom-facts.ts";

export interface PetImageFacts {
  readonly metadata: Metadata;
  readonly person: PersonFacts;
  /** ISO 8601 without zone. */
  readonly acquiredAt?: string;
}

/** Nothing for other kinds of file. @throws DataError those of the readers */
export async function petImageFacts(path: string, kind: FileKind): Promise<PetImageFacts> {
  if (kind === "ECAT") return ecatFacts(await readUnpacked(path), path);
  if (kind === "Interfile") return interfileImageFacts(path);
  return { metadata: {}, person: {} };
}

/** Times count from the scan's start, which is where ECAT's own decay factors are 1. */
function ecatFacts(bytes: Uint8Array, path: string): PetImageFacts {
  const header = readEcatHeader(bytes, path);
  const { decayFactors } = readEcat(bytes, { file: path });
  const { scanStart, doseStart, isotope, radiopharmaceutical, halfLife, weight } = header;
  const at = scanStart === undefined ? undefined : new Date(scanStart * 1000).toISOString().slice(0, 19);
  const corrected = decayFactors.some((factor) => factor > 1);
  return {
    metadata: {
      Modality: "PT",
      ManufacturersModelName: `ECAT ${header.system}`,
      ...(isotope === undefined ? {} : { TracerRadionuclide: radionuclideName(isotope) }),
      ...(radiopharmaceutical === undefined ? {} : { TracerName: radiopharmaceutical }),
      ...(halfLife === undefined ? {} : { RadionuclideHalfLife: halfLife }),
      ...(at === undefined ? {} : { TimeZero: at.slice(11), ScanStart: 0 }),
      ...(scanStart === undefined || doseStart === undefined ? {} : { InjectionStart: doseStart - scanStart }),
      ImageDecayCorrected: corrected,
      ...(corrected ? { ImageDecayCorrectionTime: 0, DecayCorrectionFactor: decayFactors } : {}),
    },
    person: weight === undefined ? {} : { weight },
    ...(at === undefined ? {} : { acquiredAt: at }),
  };
}

async function interfileImageFacts(path: string): Promise<PetImageFacts> {
  const header = await openInterfile(path);
  const { radionuclide, halfLife, startedAt } = interfileFacts(header);
  const nuclear = /nucmed|nm/i.test(interfileText(header, "imaging modality") ?? "PT");
  return {
    metadata: {
      Modality: nuclear ? "NM" : "PT",
      ...(radionuclide === undefined ? {} : { TracerRadionuclide: radionuclideName(radionuclide) }),
      ...(halfLife === undefined ? {} : { RadionuclideHalfLife: halfLife }),
    },
    person: {},
    ...(startedAt === undefined ? {} : { acquiredAt: startedAt }),
  };
}

/**
 * Fields of a series' side file that its SUV facts settle: net dose, and to which time the image is corrected. Times count from
 * the first acquisition, as its frames and its row of scans.tsv do.
 *
 * @param acquiredAt of the series' earliest image
 */
export function suvMetadata(
  suv:
    | {
        readonly activity?: { readonly value: number };
        readonly administeredAt?: string;
        readonly decayReference?: string;
      }
    | undefined,
  acquiredAt: string | undefined,
): Metadata {
  if (suv?.administeredAt === undefined || acquiredAt === undefined) return {};
  const reference = suv.decayReference;
  return {
    ...(suv.activity ? { InjectedRadioactivity: suv.activity.value, InjectedRadioactivityUnits: "Bq" } : {}),
    InjectionStart: secondsBetween(acquiredAt, suv.administeredAt),
    ImageDecayCorrected: reference !== undefined,
    ...(reference === undefined ? {} : { ImageDecayCorrectionTime: secondsBetween(acquiredAt, reference) }),
  };
}
