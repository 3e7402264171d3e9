/** How the PET image of the study was reconstructed, where the JSON beside it tells. */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { readJson } from "@quintet/io";
import type { Step } from "../../engine/step.ts";
import { type PetReconRecord, readPetReconRecord } from "../../pet-recon/recon-record.ts";

export const petRecordStep: Step<{ file: string }, Record<string, never>, PetReconRecord> = {
  name: "pet-record",
  version: 1,
  title: "PET: how the image was reconstructed",
  async run({ file }) {
    return readPetReconRecord(readJson(await readFile(file, "utf8"), basename(file)), basename(file));
  },
};
