import { gzipSync } from "node:zlib";
import { affineOf } from "@quintet/core";
import { expect, test } from "vitest";
import { writeNifti } from "../nifti/write.ts";
import { sniff } from "./sniff.ts";

const text = (value: string): Uint8Array => Uint8Array.from(value, (c) => c.charCodeAt(0));
const nifti = writeNifti({
  unit: "1",
  shape: [2, 2, 2],
  affine: affineOf([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]),
  space: "s",
  clock: "c",
  frames: [{ start: 0, duration: 0 }],
  data: new Float32Array(8),
});
const twixHead = new Uint8Array(Uint32Array.of(0, 1, 358, 117959, 10240, 0, ...new Array(20).fill(0)).buffer);
const hdf5 = text("\u0089HDF\r\n\u001a\n\0\0\0");

test.each([
  ["scan", nifti, "NIfTI"],
  ["scan.gz", new Uint8Array(gzipSync(nifti)), "NIfTI"],
  ["IM0001", text(`${"\0".repeat(128)}DICM${"\0".repeat(8)}`), "DICOM"],
  ["rec", text(`${"0".padEnd(8)}${"X".padEnd(248)}`), "EDF"],
  ["rec", text(`\u00ffBIOSEMI${" ".repeat(248)}`), "BDF"],
  ["rec", text("Brain Vision Data Exchange Header File Version 1.0"), "BrainVision"],
  ["a.vmrk", text("Brain Vision Data Exchange Marker File"), "partner"],
  ["README.md", text("# A study"), "note"],
  ["a.set", text("MATLAB 5.0 MAT-file"), "EEGLAB"],
  ["a.nirs", text("MATLAB 5.0 MAT-file"), "Homer"],
  ["a.hdr", text("[GeneralInfo]"), "NIRx"],
  ["a.wl1", text("0.1 0.2"), "partner"],
  ["a.set", text("-1 -1 -1"), "partner"],
  ["a_probeInfo.mat", text("MATLAB 5.0 MAT-file"), "partner"],
  ["a.mat", text("MATLAB 5.0 MAT-file"), "unknown"],
  ["a.set", hdf5, "EEGLAB"],
  ["nirs-without-name", hdf5, "SNIRF"],
  ["phantom.h5", hdf5, "MRD"],
  ["phantom.mrd", text(""), "MRD"],
  ["meas.dat", twixHead, "Siemens twix"],
  ["eeg.dat", text("\u0001\u0002\u0003".repeat(200)), "partner"],
  ["a.json", text("{}"), "JSON"],
  ["a.edf", text(""), "EDF"],
  ["a.txt", text("hello"), "unknown"],
])("%s is told by its bytes first (%#)", (name, head, kind) => {
  expect(sniff(name, head)).toBe(kind);
});
