/** How a SPECT image of the study was reconstructed, where the JSON beside it tells. */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { readJson } from "@quintet/io";
import type { Step } from "../../engine/step.ts";
import { type ReconRecord, readReconRecord } from "../../spect-recon/recon-record.ts";

export const spectRecordStep: Step<{ file: string }, Record<string, never>, ReconRecord> = {
  name: "spect-record",
  version: 1,
  title: "SPECT: how the image was reconstructed",
  async run({ file }) {
    return readReconRecord(readJson(await readFile(file, "utf8"), basename(file)), basename(file));
  },
};
