export { kindOfPath, largestFile, readFileBounded, sha256File, writeFileAtomic } from "./files.ts";
export type { DatasetOptions, PartName, RecordingPart, TablePart, VolumePart } from "./study/bids-writer.ts";
export { BidsWriter } from "./study/bids-writer.ts";
export type { BidsStudy } from "./study/study.ts";
export { readStudy } from "./study/study.ts";
