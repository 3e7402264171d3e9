export type { RunEvent } from "./engine/run.ts";
export { buildNormsFrom, writeGroupTable } from "./measure-files.ts";
export type { PhantomPerson, PhantomWriteOptions, WrittenPhantom } from "./phantom-study/index.ts";
export { writePhantomCohort, writePhantomStudy } from "./phantom-study/index.ts";
export type { SubjectOutcome } from "./publish-subject.ts";
export type { RealStudy } from "./real-study/real-study.ts";
export { writeRealStudy } from "./real-study/real-study.ts";
export type { RunStudyOptions } from "./run-study.ts";
export { runStudy } from "./run-study.ts";
