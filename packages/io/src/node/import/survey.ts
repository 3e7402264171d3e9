/** First look at a folder of loose files: what each is, whose it is, and which words name that person. */
import { basename, join } from "node:path";
import type { Metadata } from "@quintet/core";
import { maxJsonBytes, readJson } from "../../bids/json.ts";
import { decodeText } from "../../bids/text.ts";
import { readTsv, type Table } from "../../bids/tsv.ts";
import { isGzip } from "../../bytes/gunzip.ts";
import { readFileBounded } from "../files.ts";
import { type FileKind, headOf, sniff, unpackedHead } from "../sniff.ts";
import { type FoundFile, filesBelow } from "../study/walk.ts";
import { type DicomFacts, dicomFacts, type PersonFacts } from "./dicom-facts.ts";
import { IdentityWords } from "./identity.ts";

export interface LooseFile extends FoundFile {
  readonly kind: FileKind;
}

export interface Unrecognised {
  readonly path: string;
  readonly why: string;
  /** It is of a format that is read here, and reading it failed. */
  readonly failed?: true;
}

export interface Survey {
  readonly files: readonly LooseFile[];
  /** JSON side files by relative path. */
  readonly sidecars: ReadonlyMap<string, Metadata>;
  readonly tables: ReadonlyMap<string, Table>;
  readonly dicom: readonly DicomFacts[];
  readonly words: IdentityWords;
  readonly people: readonly PersonFacts[];
  /** How many different people the identity fields of DICOM files name. */
  readonly patients: number;
  readonly unrecognised: readonly Unrecognised[];
}

const identityKey =
  /^(Patient(Name|ID|Birth|Address|Comments|Telephone|Insurance)|OtherPatient|EthnicGroup|Occupation|Referring|Requesting|Performing|Operator|Physician|Institution|Station|Accession|Subject(ID|Name)|StudyID|DeviceSerialNumber|Name$|FirstName|LastName|Surname|BirthDate|DateOfBirth|Address|Email|Phone)/i;

/** Reads heads, side files and DICOM tags below `root`; pixels and samples are left for later. */
export async function survey(root: string, signal?: AbortSignal): Promise<Survey> {
  const unrecognised: Unrecognised[] = [];
  const words = new IdentityWords();
  const files: LooseFile[] = [];
  const sidecars = new Map<string, Metadata>();
  const tables = new Map<string, Table>();
  const dicom: DicomFacts[] = [];
  const people: PersonFacts[] = [];
  const patients = new Set<string>();
  const found = await filesBelow(root, { unreadable: (path, why) => unrecognised.push({ path, why, failed: true }) });
  for (const file of found) {
    signal?.throwIfAborted();
    try {
      const kind = sniff(basename(file.path), await headOf(join(root, file.path)));
      files.push({ ...file, kind });
      const text = async (most: number): Promise<string> =>
        decodeText(await readFileBounded(join(root, file.path), most), file.path);
      if (kind === "JSON") {
        const sidecar = readJson(await text(maxJsonBytes), file.path);
        sidecars.set(file.path, sidecar);
        for (const [key, value] of Object.entries(sidecar)) if (identityKey.test(key)) words.add(plainText(value));
      } else if (kind === "TSV") {
        tables.set(file.path, readTsv(await text(64 * 2 ** 20), file.path));
      } else if (kind === "DICOM") {
        const facts = dicomFacts(await readFileBounded(join(root, file.path)), file.path);
        for (const field of facts.identity) words.add(field);
        if (facts.patient !== "") patients.add(facts.patient);
        people.push(facts.person);
        dicom.push(facts);
      } else if (kind === "ECAT") {
        const head = await headOf(join(root, file.path));
        // Patient, physician, operator, facility.
        words.add(latin1Words((isGzip(head) ? unpackedHead(head) : head).subarray(166, 352)));
      } else if (kind === "EDF" || kind === "BDF") {
        words.add(String.fromCharCode(...(await headOf(join(root, file.path))).subarray(8, 168)));
      }
    } catch (cause) {
      unrecognised.push({ path: file.path, why: cause instanceof Error ? cause.message : String(cause), failed: true });
    }
  }
  return { files, sidecars, tables, dicom, words, people, patients: patients.size, unrecognised };
}

/** Bytes as text, zeros as blanks. */
function latin1Words(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.map((byte) => byte || 0x20));
}

function plainText(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : (JSON.stringify(value) ?? "");
}
