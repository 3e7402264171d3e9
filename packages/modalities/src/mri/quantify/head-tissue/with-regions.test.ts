import { identityAffine, type LabelVolume, type Volume } from "@quintet/core";
import { expect, test } from "vitest";
import { type HeadSegmentation, headTissueNames } from "./head-tissues.ts";
import { tissueOfRegion, withRegions } from "./with-regions.ts";

const grid = { shape: [8, 1, 1] as const, affine: identityAffine(), space: "subject:T1w" };
const volume = (data: Float32Array): Volume<"{probability}"> => ({
  ...grid,
  unit: "{probability}",
  frames: [{ start: 0, duration: 0 }],
  clock: "mri",
  data,
});
/** air, scalp, skull, csf, grey, white, white, skull. */
function head(): HeadSegmentation {
  const labels: LabelVolume = { ...grid, data: Uint8Array.of(0, 1, 2, 3, 4, 5, 5, 2), names: headTissueNames };
  const none = volume(new Float32Array(8));
  const probabilities = { scalp: none, skull: none, csf: none, grey: none, white: none };
  const brain = {
    ...grid,
    data: Uint8Array.of(0, 0, 0, 1, 1, 1, 1, 0),
    volume: 1,
    alreadyStripped: false,
    enhanced: false,
    qc: [],
  };
  const tissue = { probabilities, labels, means: [1, 2, 3], sds: [1, 1, 1] };
  return { labels, probabilities, brain, head: { ...grid, data: new Uint8Array(8) }, corrected: none, tissue, qc: [] };
}
const regions = (data: readonly number[]): LabelVolume => ({
  ...grid,
  space: "scanner",
  data: Uint16Array.from(data),
  names: new Map(),
});

test("what FreeSurfer names takes precedence; unnamed grey and white matter is CSF; skull and scalp stay", () => {
  const found = withRegions(head(), regions([0, 0, 0, 1035, 2, 17, 0, 0]));
  expect([...found.labels.data]).toEqual([0, 1, 2, 4, 5, 4, 3, 2]);
  expect([...found.brain.data]).toEqual([0, 0, 0, 1, 1, 1, 1, 0]);
  expect([...found.tissue.labels.data]).toEqual([0, 0, 0, 2, 3, 2, 1, 0]);
  expect([...found.probabilities.white.data]).toEqual([0, 0, 0, 0, 1, 0, 0, 0]);
  expect(found.regions.space).toBe("subject:T1w");
  expect(found.qc[0]).toMatchObject({ name: "imported-regions-overlap", value: 4 / 6, verdict: "warn" });
});

test.each([
  [4, "csf"],
  [63, "csf"],
  [16, "white"],
  [4012, "white"],
  [10, "grey"],
  [2035, "grey"],
  [0, undefined],
  [85, "white"],
  [165, undefined],
])("label %d is %s", (label, tissue) => {
  expect(tissueOfRegion(label)).toBe(tissue);
});

test("labels of another atlas, or of another place, are refused", () => {
  expect(() => withRegions(head(), regions([0, 0, 0, 600, 601, 602, 603, 0]))).toThrow(
    expect.objectContaining({ code: "unknown-label" }),
  );
  expect(() => withRegions(head(), regions([2, 2, 2, 0, 0, 0, 0, 2]))).toThrow(
    expect.objectContaining({ code: "no-overlap" }),
  );
});
