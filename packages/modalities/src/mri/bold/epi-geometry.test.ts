import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { affineOf, type Grid } from "@quintet/core";
import { dicomNumbers, dicomSliceTimes, dicomText, readDicomTags } from "@quintet/io";
import { convertDicom } from "@quintet/io/node";
import { describe, expect, test } from "vitest";
import { describeRealData } from "../../../../../testing/real-data.ts";
import { readCsaHeader } from "../../../../io/src/dicom/csa.ts";
import { numbersOf, privateElement } from "../../../../io/src/dicom/values.ts";
import { epiGeometry } from "./epi-geometry.ts";

const image = (affine: number[], step = 2): Grid & { frames: { start: number; duration: number }[] } => ({
  shape: [4, 5, 3],
  affine: affineOf(affine),
  space: "scanner:mri",
  frames: [
    { start: 0, duration: step },
    { start: step, duration: step },
  ],
});
const ras = [3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 4, 0];

describe("epiGeometry", () => {
  test.each([
    ["i", "L->R"],
    ["i-", "R->L"],
    ["j", "P->A"],
    ["j-", "A->P"],
    ["k", "I->S"],
    ["k-", "S->I"],
  ])("%s in an RAS image is %s; in a mirrored one the other way", (direction, words) => {
    const sidecar = { RepetitionTime: 2, PhaseEncodingDirection: direction };
    const found = epiGeometry(sidecar, image(ras)).phaseEncoding;
    expect(found).toMatchObject({ voxel: direction, world: words, obliquity: 0 });
    const mirrored = epiGeometry(sidecar, image(ras.map((v) => -v))).phaseEncoding;
    expect(mirrored?.world).toBe(words.split("->").reverse().join("->"));
  });
  test("an oblique image: the nearest word, and the angle to it", () => {
    const [c, s] = [Math.cos(0.3), Math.sin(0.3)];
    const found = epiGeometry(
      { PhaseEncodingDirection: "j-" },
      image([3, 0, 0, 0, 0, 3 * c, -4 * s, 0, 0, 3 * s, 4 * c, 0]),
    );
    expect(found.phaseEncoding?.world).toBe("A->P");
    expect(found.phaseEncoding?.obliquity).toBeCloseTo((0.3 * 180) / Math.PI, 10);
    expect(found.phaseEncoding?.direction).toBeAllclose([0, -c, -s], { atol: 1e-12 });
    expect(found.repetitionTime).toBe(2);
  });
  test("slice times in voxel order; turned round when the slices are encoded downwards; multiband counted", () => {
    const sidecar = { RepetitionTime: 2, SliceTiming: [0, 1, 0.5], TotalReadoutTime: 0.03, EchoTime: 0.04 };
    expect(epiGeometry(sidecar, image(ras))).toMatchObject({
      sliceTimes: [0, 1, 0.5],
      multiband: 1,
      totalReadout: 0.03,
      echoTime: 0.04,
    });
    expect(epiGeometry({ ...sidecar, SliceEncodingDirection: "k-" }, image(ras)).sliceTimes).toEqual([0.5, 1, 0]);
    expect(epiGeometry({ ...sidecar, SliceTiming: [0, 1, 0] }, image(ras)).multiband).toBe(2);
    expect(epiGeometry({}, image(ras)).sliceTimes).toBeUndefined();
  });
  test.each([
    ["missing-tr", {}, image(ras, 0), /RepetitionTime/],
    ["tr-mismatch", { RepetitionTime: 2.5 }, image(ras), /2.5 s/],
    ["tr-mismatch", { RepetitionTime: 2 }, image(ras, 2000), /milliseconds/],
    ["slice-timing", { SliceTiming: [0, 1] }, image(ras), /one time for each slice/],
    ["slice-timing", { SliceTiming: [0, 500, 1000] }, image(ras), /milliseconds/],
    ["slice-timing", { SliceTiming: [0, -1, 1] }, image(ras), /within one volume/],
    ["slice-timing", { SliceTiming: [0, "x", 1] }, image(ras), /within one volume/],
    ["slice-timing", { SliceTiming: "no" }, image(ras), /list/],
    ["bad-direction", { PhaseEncodingDirection: "y" }, image(ras), /voxel axis/],
  ])("refused: %s", (code, sidecar, grid, words) => {
    expect(() => epiGeometry(sidecar, grid)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(words) }),
    );
  });
});

describeRealData(
  "dcm_qa_nih from DICOM to the geometry of the BOLD series",
  ["mri/dcm_qa_nih/In/20180918Si"],
  (folder) => {
    test.each([
      ["mr_0003", "EPI PE=AP", "A->P", "j-"],
      ["mr_0004", "EPI PE=PA", "P->A", "j"],
      ["mr_0005", "EPI PE=RL", "R->L", "i"],
      ["mr_0006", "EPI PE=LR", "L->R", "i-"],
    ])(
      "%s, named %s by its operator: %s (%s), readout and slice times of its own tags",
      async (name, said, words, voxel) => {
        const path = join(folder, name);
        const [series] = await convertDicom(path);
        const geometry = epiGeometry(series.sidecar, series.volume);
        const file = readdirSync(path).filter((entry) => entry.endsWith(".dcm"))[0];
        const tags = readDicomTags(readFileSync(join(path, file)), { file });
        expect(dicomText(tags, "SeriesDescription")).toBe(said);
        expect(geometry.phaseEncoding).toMatchObject({ world: words, voxel });
        expect(geometry.repetitionTime).toBeCloseTo(2.43537, 6);

        // The direction again, from the tags alone: rows or columns (0018,1312), and the sign in Siemens' private header.
        const [row, column] = [0, 3].map((k) => dicomNumbers(tags, "ImageOrientationPatient").slice(k, k + 3));
        const private1 = privateElement(tags, 0x0029, "SIEMENS CSA HEADER", 0x10);
        const csa = readCsaHeader((private1 as { value: Uint8Array }).value, file);
        const sign = Number(csa.get("PhaseEncodingDirectionPositive")?.[0]) === 1 ? 1 : -1;
        const along = csa.get("PhaseEncodingDirectionPositive") && words.includes("P") ? column : row;
        const vector = [-along[0], -along[1], along[2]].map((v) => sign * v);
        expect(geometry.phaseEncoding?.direction).toBeAllclose(vector, { atol: 1e-4 });

        // 1 / (bandwidth per pixel) is the time of all lines; the readout lasts from the first to the last: (n - 1) / n of it.
        const bandwidth = numbersOf(tags, privateElement(tags, 0x0019, "SIEMENS MR HEADER", 0x28), "FD")[0];
        expect(geometry.totalReadout).toBeCloseTo(71 / 72 / bandwidth, 6);

        // The scanner counts in ticks of 2.5 ms.
        expect(geometry.sliceTimes).toBeAllclose(dicomSliceTimes(tags) as number[], { atol: 0.0026 });
        // And what the data set's authors hold for right.
        const reference = join(folder, "../../Ref", `${said.replace(" ", "_")}_${Number(name.slice(3))}.json`);
        const { PhaseEncodingDirection: told, SliceTiming: times } = JSON.parse(readFileSync(reference, "utf8"));
        expect(geometry.phaseEncoding?.voxel).toBe(told);
        expect(geometry.sliceTimes).toBeAllclose(times, { atol: 0.0026 });
        expect(geometry.multiband).toBe(1);
        expect(series.volume.shape).toEqual([72, 72, 5]);
      },
    );
  },
);
