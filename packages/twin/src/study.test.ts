import type { Volume } from "@quintet/core";
import { apply, channelData, compose, inverse, sensorNamed, toVoxel } from "@quintet/core";
import { welchSpectrum } from "@quintet/kernels";
import { beerLambert, blockAverage, opticalDensity, scalpCouplingIndex } from "@quintet/modalities/fnirs";
import { suv } from "@quintet/modalities/pet";
import { describe, expect, test } from "vitest";
import { ballWeights } from "./images/focus.ts";
import { positions1010 } from "./signals/positions.ts";
import { simulateStudy } from "./study.ts";

const request = { side: "left", lobe: "temporal", volume: 5, increase: 0.6 } as const;
const study = simulateStudy({ seed: 11, resolution: 2.5, focus: request });
const none = simulateStudy({ seed: 11, resolution: 2.5, focus: false });
const truth = study.truth.focus;
if (!truth) throw new Error("a focus was asked for");

describe("simulateStudy: focus", () => {
  test("is what was asked for, in the left temporal lobe of head and canonical head", () => {
    expect(truth).toMatchObject({ side: "left", lobe: "temporal", increase: 0.6 });
    expect(truth.volume).toBeCloseTo(5, 1); // bisection of the radius in 2.5-mm voxels
    expect(truth.region).toMatch(/temporal/);
    expect(truth.canonical[0]).toBeLessThan(-10);
    expect(study.head.fromCanonical(truth.canonical)).toBeAllclose(truth.centre, { atol: 1e-3 });
  });

  test("ictal flow over interictal flow is 1 + increase inside and 1 outside, before any blurring", () => {
    const { ictal, interictal } = study.spect;
    let [inside, most, least] = [0, 0, 9];
    interictal.flow.forEach((rest, at) => {
      if (!(rest > 0)) return;
      const ratio = (ictal.flow[at] as number) / rest;
      most = Math.max(most, ratio);
      least = Math.min(least, ratio);
      if (ratio > 1.59) inside++;
    });
    expect(most).toBeCloseTo(1.6, 5);
    expect(least).toBe(1);
    expect((inside * 2.5 ** 3) / 1000).toBeGreaterThan(2);
  });

  test("its centre is brighter in ictal than in interictal SPECT, each at its own pose, and its mirror is not", () => {
    const ratioAt = (place: readonly [number, number, number]) =>
      around(study.spect.ictal.image, apply(study.truth.poses.spectIctal.matrix, place)) /
      around(study.spect.interictal.image, apply(study.truth.poses.spectInterictal.matrix, place));
    const mirror = study.head.fromCanonical([-truth.canonical[0], truth.canonical[1], truth.canonical[2]]);
    expect(ratioAt(truth.centre) / ratioAt(mirror)).toBeGreaterThan(1.2);
  });

  test("FDG is lower round it, by the drawn share", () => {
    const { uptake, change } = study.pet;
    const without = none.pet.uptake;
    const { index } = ballWeights(study.head, truth.centre, 4, "left");
    for (const at of index) {
      if ((without[at] as number) > 0)
        expect((uptake[at] as number) / (without[at] as number)).toBeCloseTo(1 + change, 5);
    }
    expect(change).toBeLessThan(-0.15);
    expect(change).toBeGreaterThan(-0.3);
  });

  test("false gives none: no focus, no seizure, ictal and interictal flow are equal", () => {
    expect(none.truth.focus).toBeNull();
    expect(none.truth.eeg.spikes).toEqual([]);
    expect(none.eeg.events.list.map((e) => e.type)).not.toContain("injection");
    expect(none.spect.ictal.flow).toEqual(none.spect.interictal.flow);
  });
});

describe("simulateStudy: images and poses", () => {
  test("the same seed repeats bit for bit", () => {
    const again = simulateStudy({ seed: 11, resolution: 2.5, focus: request });
    const signal = ({ eeg }: typeof study): ArrayLike<number> => eeg.recording.groups[0]?.segments[0]?.data ?? [];
    expect(again.pet.image.data).toBeAllclose(study.pet.image.data, {}); // toEqual takes ten seconds for these
    expect(signal(again)).toBeAllclose(signal(study), {});
    expect(again.truth.poses.pet.matrix).toEqual(study.truth.poses.pet.matrix);
  });

  test("poses are rigid, up to 15 degrees and 20 mm", () => {
    for (const pose of [study.truth.poses.pet, study.truth.poses.spectIctal, study.truth.poses.spectInterictal]) {
      const m = pose.matrix as unknown as number[];
      const angle = Math.acos(((m[0] as number) + (m[5] as number) + (m[10] as number) - 1) / 2) * (180 / Math.PI);
      expect(angle).toBeGreaterThan(4.9);
      expect(angle).toBeLessThan(15.1);
      const moved = apply(pose.matrix, [0, -17, 5]);
      expect(Math.hypot(moved[0], moved[1] + 17, moved[2] - 5)).toBeLessThan(20.1);
    }
  });

  test("T1w: white brighter than grey, grey than CSF; PET in SUV: grey 4 to 9 after blurring", () => {
    const mean = (tissue: "white" | "grey" | "csf") => {
      let [sum, n] = [0, 0];
      study.head.fractions[tissue].forEach((share, at) => {
        if (share < 0.99) return;
        sum += study.t1w.data[at] as number;
        n++;
      });
      return sum / n;
    };
    expect(mean("white") / mean("grey")).toBeGreaterThan(1.25);
    expect(mean("grey") / mean("csf")).toBeGreaterThan(2);
    const values = suv(study.pet.image, {
      radionuclide: "F18",
      weight: { value: study.participant.weight, unit: "kg" },
      activity: { value: study.pet.dose, unit: "Bq" },
      activityTime: -study.pet.delay,
      decayReference: 0,
    });
    const thalamus = study.head.fromCanonical([11, -19, 7]);
    const level = around(values, apply(study.truth.poses.pet.matrix, thalamus));
    expect(level).toBeGreaterThan(4);
    expect(level).toBeLessThan(9);
  });

  test("the acquisition times follow the injection", () => {
    const seconds = (iso: string) => Date.parse(`${iso}Z`) / 1000;
    const injection = seconds(study.times.eeg) + (study.truth.eeg.injection ?? 0);
    expect(seconds(study.spect.ictal.injectedAt)).toBeCloseTo(injection, 0);
    expect(seconds(study.times.spectIctal) - injection).toBeCloseTo(study.spect.ictal.delay, 0);
  });
});

describe("simulateStudy: EEG", () => {
  const group = study.eeg.recording.groups[0];
  if (!group?.segments[0]) throw new Error("the recording has one segment");
  const segment = group.segments[0];
  const channel = (name: string) =>
    channelData(
      group,
      segment,
      group.channels.findIndex((c) => c.name === name),
    );
  const power = (x: ArrayLike<number>, low: number, high: number) => {
    const { frequencies, density } = welchSpectrum(x, 256, { length: 512 });
    return density.reduce(
      (sum, d, i) => sum + ((frequencies[i] as number) >= low && (frequencies[i] as number) < high ? d : 0),
      0,
    );
  };

  test("alpha is posterior and larger with eyes closed", () => {
    const part = (name: string, from: number) => channel(name).subarray(from * 256, (from + 28) * 256);
    expect(power(part("Oz", 31), 8, 13) / power(part("Fz", 31), 8, 13)).toBeGreaterThan(3);
    expect(power(part("Oz", 31), 8, 13) / power(part("Oz", 1), 8, 13)).toBeGreaterThan(3);
  });

  test("slow waves are largest on the side of the focus, near it", () => {
    const delta = (name: string) => power(channel(name).subarray(0, 180 * 256), 1.5, 4);
    expect(
      Math.max(delta("T7"), delta("TP7"), delta("FT7")) / Math.max(delta("T8"), delta("TP8"), delta("FT8")),
    ).toBeGreaterThan(2);
  });

  test("T7 stands over the left temporal lobe, Fpz in front, Oz behind, Cz on top; the cap frame gives them back", () => {
    const places = positions1010(study.head);
    const at = (name: string) => study.head.toCanonical(places.get(name) ?? [0, 0, 0]);
    expect(at("T7")[0]).toBeLessThan(-60);
    expect(at("T8")[0]).toBeGreaterThan(60);
    expect(at("Fpz")[1]).toBeGreaterThan(70);
    expect(at("Oz")[1]).toBeLessThan(-95);
    expect(at("Cz")[2]).toBeGreaterThan(80);
    const c3 = sensorNamed(study.eeg.montage, "C3")?.position ?? [0, 0, 0];
    expect(apply(inverse(study.truth.poses.cap).matrix, c3)).toBeAllclose(places.get("C3") ?? [], { atol: 1e-6 });
    expect(sensorNamed(study.eeg.montage, "LPA")?.position?.[0]).toBeLessThan(-60);
    expect(compose(study.truth.poses.cap, inverse(study.truth.poses.cap)).matrix[0]).toBeCloseTo(1, 9);
  });
});

describe("simulateStudy: fNIRS", () => {
  const od = opticalDensity(study.nirs.recording);

  test("its optodes stand 30 mm apart (long) and 8 mm (short)", () => {
    const distances = study.nirs.recording.groups[0]?.channels.map(({ sensors: [s, d] }) => {
      const [a, b] = [s, d].map((name) => sensorNamed(study.nirs.montage, name ?? "")?.position ?? [0, 0, 0]);
      return Math.hypot(...(a ?? []).map((c, k) => c - ((b as number[])[k] as number)));
    });
    expect(distances?.filter((d) => d < 12)).toHaveLength(8);
    for (const d of distances ?? []) expect(d < 12 ? Math.abs(d - 8) : Math.abs(d - 30)).toBeLessThan(1.5);
  });

  test("the heart couples all pairs but the one that sits badly", () => {
    const bad = scalpCouplingIndex(od).filter(({ value }) => value < 0.75);
    expect(bad.map(({ pair }) => pair.replace(/[^SD0-9]+/g, "_"))).toEqual([study.truth.nirs.poorPair]);
  });

  test("the wing gets back the peak of the strongest response of each hand within 0.25 uM, on the other side", () => {
    const concentration = beerLambert(od, study.nirs.montage, { pathlength: { age: study.participant.age } });
    for (const hand of ["left", "right"] as const) {
      const known = study.truth.nirs.activations.filter((a) => a.hand === hand && a.pair !== study.truth.nirs.poorPair);
      const strongest = known.reduce((best, a) => (a.hbo > best.hbo ? a : best));
      const [response] = blockAverage(concentration, study.nirs.events, { types: [`${hand}-hand`] });
      const [source, detector] = strongest.pair.split("_");
      const row =
        response?.channels.findIndex((c) => c.kind === "hbo" && c.sensors[0] === source && c.sensors[1] === detector) ??
        -1;
      const length = response?.times.length ?? 0;
      const course = response?.mean.subarray(row * length, (row + 1) * length) ?? new Float64Array(1);
      const near = course.filter((_, i) => (response?.times[i] ?? 0) > 8 && (response?.times[i] ?? 0) < 15);
      const found = near.reduce((sum, v) => sum + v, 0) / near.length;
      expect(Math.abs(found - strongest.hbo)).toBeLessThan(0.25e-6); // Mayer and breathing waves, 8 blocks
      expect(strongest.hbo).toBeGreaterThan(0.4e-6);
      const x = sensorNamed(study.nirs.montage, source ?? "")?.position?.[0] ?? 0;
      expect(Math.sign(x)).toBe(hand === "left" ? 1 : -1);
    }
  });
});

/** Mean of the 27 voxels round a world point. */
function around(volume: Volume, world: readonly [number, number, number]): number {
  const [i, j, k] = toVoxel(volume, world).map(Math.round) as [number, number, number];
  let sum = 0;
  for (const dk of [-1, 0, 1]) {
    for (const dj of [-1, 0, 1]) {
      for (const di of [-1, 0, 1]) {
        sum += volume.data[((k + dk) * volume.shape[1] + j + dj) * volume.shape[0] + i + di] as number;
      }
    }
  }
  return sum / 27;
}
