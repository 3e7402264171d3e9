/** What the BOLD step is asked with: the run, its events, the fieldmaps meant for it. */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import type { Metadata, Study, StudyFile, Subject } from "@quintet/core";
import type { FieldmapFile } from "@quintet/modalities/mri";
import { belongingTo } from "../../bold/read-bold.ts";
import type { BoldParams } from "./bold-step.ts";

/** @param metadata of the run, without what a step may not see */
export function boldParams(subject: Subject, bold: StudyFile, metadata: Metadata): BoldParams {
  const maps = subject.files
    .filter(({ datatype }) => datatype === "fmap")
    .map(({ suffix, path, metadata: own }): FieldmapFile => ({ suffix, path, metadata: own }));
  return {
    source: bold.path,
    task: (bold.entities.task ?? "run").replace(/[^A-Za-z0-9]/g, "") || "run",
    metadata,
    fieldmaps: belongingTo(basename(bold.path), maps),
  };
}

/** The series with the table of events that counts for its hash. */
export function boldFile(
  study: Study,
  bold: StudyFile,
): { readonly file: string; readonly companions: readonly string[] } {
  const events = bold.companions.events;
  const sides = events === undefined ? [] : [join(study.root, events)];
  return { file: join(study.root, bold.path), companions: sides.filter((path) => existsSync(path)) };
}
