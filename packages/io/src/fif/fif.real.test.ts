import { readFile } from "node:fs/promises";
import { apply, type ChannelGroup, channelData, invert, type Point, type Segment } from "@quintet/core";
import { boundaryHead, boundaryLeadField } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { expect, test } from "vitest";
import { median } from "../../../../testing/bench-line.ts";
import { describeRealData } from "../../../../testing/real-data.ts";
import { readFifPoints, readFifSurfaces, readFifTransforms } from "./geometry.ts";
import { readFifRecording } from "./recording.ts";

interface Reference {
  readonly electrode_head_m: readonly Point[];
  readonly source_mri_m: readonly Point[];
  /** Head to MRI, m. */
  readonly mri_head_trans: readonly (readonly number[])[];
  readonly bem3_leadfield_V_per_Am: readonly (readonly number[])[];
  readonly sigma: readonly number[];
}
const folder = "multimodal/mne_sample";
const millimetres = (p: Point): Point => [1000 * p[0], 1000 * p[1], 1000 * p[2]];
/** RDM and MAG after the average reference. */
function compared(ours: readonly number[], theirs: readonly number[]): readonly [number, number] {
  const centred = (v: readonly number[]): number[] => v.map((x) => x - v.reduce((a, b) => a + b, 0) / v.length);
  const [a, b] = [centred(ours), centred(theirs)];
  const [na, nb] = [Math.hypot(...a), Math.hypot(...b)];
  return [Math.hypot(...a.map((v, i) => v / na - (b[i] as number) / nb)), na / nb];
}

describeRealData(
  "a real head in FIF files",
  [
    `${folder}/sample-320-320-320-bem.fif`,
    `${folder}/sample_audvis_trunc-trans.fif`,
    `${folder}/sample-fiducials.fif`,
    `${folder}/sample_audvis_trunc_raw_sss.fif`,
    "multimodal/reference_computed/mne_eeg_forward_sample.json",
  ],
  (bem, trans, fiducials, raw, reference) => {
    test("our lead field on MNE's own surfaces is MNE's (1.3.0)", async () => {
      await loadKernels();
      const truth = JSON.parse(await readFile(reference, "utf8")) as Reference;
      const [map] = readFifTransforms(await readFile(trans));
      expect([map?.from, map?.to]).toEqual(["head", "mri"]);
      const rows = truth.mri_head_trans.flat().map((v, i) => (i % 4 === 3 && i < 12 ? 1000 * v : v));
      expect(map?.matrix).toBeAllclose(rows, { atol: 1e-4 });
      const toMri = map?.matrix as Float64Array;
      const electrodes = truth.electrode_head_m.map((p) => apply(toMri, millimetres(p)));
      const surfaces = readFifSurfaces(await readFile(bem), { file: bem });
      expect(surfaces.map(({ name, faces }) => `${name} ${faces.length / 3}`)).toEqual([
        "scalp 320",
        "outer-skull 320",
        "inner-skull 320",
      ]);
      const shells = surfaces.toReversed().map(({ vertices, faces }, k) => ({
        vertices,
        faces,
        conductivity: truth.sigma[k] as number,
      }));
      const field = boundaryLeadField(boundaryHead(shells, electrodes), truth.source_mri_m.map(millimetres));
      // The moments of the reference point along the axes of the head, ours along those of the MRI.
      const turn = invert(toMri);
      const found = truth.source_mri_m.flatMap((_, i) =>
        [0, 1, 2].map((k) => {
          const ours = field.map((row) =>
            [0, 1, 2].reduce((sum, m) => sum + (row[3 * i + m] as number) * (turn[4 * k + m] as number), 0),
          );
          return compared(
            ours,
            truth.bem3_leadfield_V_per_Am.map((row) => row[3 * i + k] as number),
          );
        }),
      );
      const rdm = found.map(([r]) => r);
      const mag = found.map(([, m]) => Math.abs(m - 1));
      expect(median(rdm)).toBeLessThan(0.005);
      expect(Math.max(...rdm)).toBeLessThan(0.02);
      expect(Math.max(...mag)).toBeLessThan(0.02);
    });

    test("a recording as MNE-Python 1.13.2 reads it", async () => {
      const { recording, montage, events } = readFifRecording(await readFile(raw), { file: raw });
      const group = recording.groups[0] as ChannelGroup;
      const [segment] = group.segments as [Segment];
      expect([group.rate, group.channels.length, group.segments.length, segment.data.length / 376]).toEqual([
        300.3074951171875, 376, 1, 301,
      ]);
      const counts = Map.groupBy(group.channels, ({ kind }) => kind);
      expect([...counts].map(([kind, list]) => `${kind} ${list.length}`).sort()).toEqual([
        "eeg 60",
        "eog 1",
        "meg 306",
        "trigger 9",
      ]);
      const at = ["EEG 001", "EEG 030", "EEG 060"].flatMap((name) => {
        const row = channelData(
          group,
          segment,
          group.channels.findIndex((c) => c.name === name),
        );
        return [row[0], row[150], row[300]] as number[];
      });
      // float32 in the file.
      expect(at).toBeAllclose(
        [
          1.47165705888896e-6, 9.663922627989232e-5, -2.4349728674799218e-5, 1.2919724598456936e-6,
          3.5882366306738515e-5, -1.2516762774814841e-5, 1.475159512798256e-6, 2.892354796444306e-5,
          7.958459708694906e-6,
        ],
        { rtol: 1e-6 },
      );
      expect(events.list).toEqual([]);
      const electrode = montage?.sensors.find(({ name }) => name === "EEG 030")?.position;
      expect(electrode).toBeAllclose([-16.29983, 9.27559, 145.19522], { atol: 1e-4 });
      // 146 digitised points, 57 electrodes among them.
      expect(montage?.sensors.filter(({ kind }) => kind !== "electrode").length).toBe(146 - 57);
      const landmarks = readFifPoints(await readFile(fiducials)).sensors;
      expect(landmarks.map(({ name }) => name)).toEqual(["LPA", "Nz", "RPA"]);
    });
  },
);

describeRealData("int16 data in a FIF file", ["eeg/brainvision/test_bin_raw.fif"], (path) => {
  test("as MNE-Python 1.13.2 reads it", async () => {
    const { recording } = readFifRecording(await readFile(path), { file: path });
    const group = recording.groups[0] as ChannelGroup;
    const [segment] = group.segments as [Segment];
    const at = [0, 5, 27].flatMap((c) => {
      const row = channelData(group, segment, c);
      return [row[0], row[4000], row[7899]] as number[];
    });
    expect(at).toBeAllclose(
      [
        -2.3499999940668204e-5, -2.4499999938143446e-5, 2.549999993561869e-5, -9.499999976014806e-6,
        -1.0499999973490048e-5, 3.999999989900971e-5, -9.499999976014806e-6, -9.999999974752427e-6,
        4.099999989648495e-5,
      ],
      { rtol: 1e-6 },
    );
  });
});
