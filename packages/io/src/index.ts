export type { Blood, BloodCurve, BloodOptions } from "./bids/blood.ts";
export { readBloodTsv } from "./bids/blood.ts";
export type { DescribedChannel } from "./bids/channels.ts";
export { readChannelsTsv, withChannels, writeChannelsTsv } from "./bids/channels.ts";
export type { EventsOptions } from "./bids/events.ts";
export { readEventsTsv, writeEventsTsv } from "./bids/events.ts";
export { readJson, writeJson } from "./bids/json.ts";
export type { BidsName } from "./bids/name.ts";
export { bidsName, parseBidsName } from "./bids/name.ts";
export type { PeopleOptions, ScanRow, SessionRow } from "./bids/people.ts";
export { readParticipantsTsv, readScansTsv, readSessionsTsv } from "./bids/people.ts";
export type { PositionsOptions } from "./bids/positions.ts";
export {
  coordsystemOf,
  readElectrodesTsv,
  readOptodesTsv,
  writeElectrodesTsv,
  writeOptodesTsv,
} from "./bids/positions.ts";
export type { BidsProblem } from "./bids/problem.ts";
export { problemLine } from "./bids/problem.ts";
export { injectedActivity, requiredFields, sidecarProblems } from "./bids/rules.ts";
export type { Cell, Table } from "./bids/tsv.ts";
export { cell, numberCell, readTsv, writeTsv } from "./bids/tsv.ts";
export type { ByteReader } from "./bytes/byte-reader.ts";
export { byteReader, checkedProduct, latin1, requireBytes } from "./bytes/byte-reader.ts";
export type { GunzipLimits } from "./bytes/gunzip.ts";
export { boundedGunzip, isGzip } from "./bytes/gunzip.ts";
export type { NiftiDatatype } from "./nifti/datatypes.ts";
export type { NiftiHeader } from "./nifti/header.ts";
export { looksLikeNifti, readNiftiHeader } from "./nifti/header.ts";
export type { NiftiOrientation, OrientationChoice } from "./nifti/orientation.ts";
export { niftiOrientation } from "./nifti/orientation.ts";
export type { NiftiOptions } from "./nifti/read.ts";
export { openNifti, readNifti, readNiftiLabels } from "./nifti/read.ts";
export type { StorageOrder } from "./nifti/restack.ts";
export { canonicalOrder, restack } from "./nifti/restack.ts";
export type { NiftiWriteOptions } from "./nifti/write.ts";
export { writeNifti } from "./nifti/write.ts";
