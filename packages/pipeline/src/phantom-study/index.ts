export type { PhantomPerson, PhantomWriteOptions, WrittenPhantom } from "./write-phantom-study.ts";
export { writePhantomCohort, writePhantomStudy } from "./write-phantom-study.ts";
