/** NIRStar folders: a made one by hand, and a real one beside the SNIRF that another program made of it. */
import { describe, expect, test } from "vitest";
import { nirxHeader as header, nirxLight } from "../../../../fixtures/signals/nirx.ts";
import { describeRealData } from "../../../../testing/real-data.ts";
import type { MatValue } from "../mat/mat-value.ts";
import { readRecording } from "../node/recordings.ts";
import { nirxFromFiles } from "./nirx.ts";

const [wl1, wl2] = nirxLight;
const numeric = (data: readonly number[], shape: readonly number[]): MatValue => ({
  kind: "numeric",
  type: "double",
  shape,
  data: Float64Array.from(data),
});
const struct = (fields: Readonly<Record<string, MatValue>>): MatValue => ({
  kind: "struct",
  shape: [1, 1],
  fields: new Map(Object.entries(fields).map(([name, value]) => [name, [value]])),
});
const probe = new Map([
  [
    "probeInfo",
    struct({
      headmodel: { kind: "char", shape: [1, 7], rows: ["ICBM152"] },
      // Columns after each other, as MATLAB stores them: S1 (1, 2, 3), S2 (4, 5, 6) cm.
      probes: struct({
        coords_s3: numeric([1, 4, 2, 5, 3, 6], [2, 3]),
        coords_d3: numeric([1, 4, 2, 5, 6, 9], [2, 3]),
      }),
    }),
  ],
]);
const read = (changes: Readonly<Record<string, string>> = {}, light: readonly string[] = [wl1, wl2]) =>
  nirxFromFiles(
    { hdr: header(changes), light, probe, inf: '[Subject]\nName="A B"\nAge=31\nGender="2"\n' },
    { file: "x.hdr" },
  );

describe("a NIRStar folder", () => {
  test("by hand: the masked combinations' columns, both wavelengths, places in mm, markers by their frame", () => {
    const { recording, events, montage, person, identity, problems } = read();
    const [group] = recording.groups;
    expect(group?.channels.map(({ name }) => name)).toEqual(["S1_D1 760", "S1_D1 850", "S2_D2 760", "S2_D2 850"]);
    expect([...(group?.segments[0]?.data ?? [])]).toEqual([1, 5, 9, 101, 105, 109, 4, 8, 12, 104, 108, 112]);
    expect(group?.rate).toBe(10);
    expect(events.list.map(({ onset, type }) => [onset, type])).toEqual([
      [0.1, "3"],
      [0.2, "7"],
    ]);
    expect(montage?.space).toBe("template:ICBM152");
    expect(montage?.sensors.find(({ name }) => name === "S2")?.position).toEqual([40, 50, 60]);
    expect(recording.startedAt).toBe("2019-08-23T07:37:04.540");
    expect([person, identity, problems]).toEqual([{ sex: "F", age: 31 }, ["inf Name"], []]);
  });

  test("the other order of a day's words", () => {
    expect(read({ "Fri, Aug 23, 2019": "Tue, 18 Aug 2020" }).recording.startedAt).toBe("2020-08-18T07:37:04.540");
    expect(read({ "Fri, Aug 23, 2019": "Do, 13. Juin 2022" }).recording.startedAt).toBeUndefined();
  });

  test.each<[string, Record<string, string>, readonly string[], string]>([
    ["another file", { "[GeneralInfo]": "[Something]" }, [wl1, wl2], "not-nirx"],
    ["a header of Aurora", { 'NIRStar="15.2"': 'Aurora="1.0"' }, [wl1, wl2], "not-nirx"],
    ["no rate", { "SamplingRate=10.000000": "SamplingRate=0" }, [wl1, wl2], "not-nirx"],
    ["one wavelength's table", {}, [wl1], "bad-shape"],
    ["tables of unequal length", {}, [wl1, `${wl2}1 2 3 4\n`], "bad-shape"],
    ["a short line", {}, [wl1, "1 2 3\n"], "bad-shape"],
    ["an empty mask", { "1	0\r\n0	1": "0	0\r\n0	0" }, [wl1, wl2], "bad-measurement-list"],
  ])("refusal: %s", (_, changes, light, code) => {
    expect(() => read(changes, light)).toThrow(expect.objectContaining({ code }));
  });

  test("without places it says so; a value that is none marks its channel", () => {
    const { montage, problems, recording } = nirxFromFiles(
      { hdr: header(), light: [wl1.replace("5", "NaN"), wl2] },
      { file: "x.hdr" },
    );
    expect(montage).toBeUndefined();
    expect(problems.join()).toContain("probeInfo.mat");
    expect(recording.groups[0]?.channels[0]?.status).toBe("bad");
  });
});

describeRealData(
  "NIRScout, beside the SNIRF made of it",
  [
    "fnirs/mne_NIRx/nirx_15_3_recording/NIRS-2020-08-18_001.hdr",
    "fnirs/mne_SNIRF/MNE-NIRS/20220217/20220217_nirx_15_3_recording.snirf",
  ],
  (hdr, snirf) => {
    test("the same channels, light, rate and markers; distances as the header states them", async () => {
      const [own, other] = [await readRecording(hdr), await readRecording(snirf)];
      const [a, b] = [own.recording.groups[0]!, other.recording.groups[0]!];
      expect(own.format).toBe("NIRx");
      expect(new Set(a.channels.map(({ name }) => name))).toEqual(new Set(b.channels.map(({ name }) => name)));
      expect(a.rate).toBeCloseTo(b.rate, 6);
      const n = a.segments[0]!.data.length / a.channels.length;
      for (const [row, { name }] of a.channels.entries()) {
        const at = b.channels.findIndex((channel) => channel.name === name);
        expect(a.segments[0]!.data.subarray(row * n, (row + 1) * n)).toBeAllclose(
          b.segments[0]!.data.subarray(at * n, (at + 1) * n),
          { rtol: 1e-6 },
        );
      }
      expect(own.events.list.length).toBe(3);
      expect(own.events.list.map(({ onset }) => onset)).toBeAllclose(
        other.events.list.map(({ onset }) => onset),
        { atol: 0.09 },
      );
      const place = (name: string) => own.montage?.sensors.find((s) => s.name === name)?.position ?? [0, 0, 0];
      const [s, d] = [place("S1"), place("D9")];
      // ChanDis gives its short pairs 8 mm.
      expect(Math.hypot(s[0] - d[0], s[1] - d[1], s[2] - d[2])).toBeCloseTo(8, 0);
    });
  },
);
