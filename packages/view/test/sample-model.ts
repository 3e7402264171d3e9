/**
 * A report model made by code: a head of ellipsoids with one bright focus in the LEFT temporal lobe (x < 0) and a
 * fiducial outside the scalp on the patient's left. For tests and for looking at the page; no pipeline behind it.
 */
import type {
  Concordance,
  Evidence,
  Mask,
  Measure,
  Modality,
  Point,
  QcFinding,
  Sensor,
  TimeMap,
  Volume,
} from "@quintet/core";
import { affineOf, apply, identityAffine, identityTimeMap, rigid, toWorld } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";
import type { ReportModel } from "../src/report/model.ts";

export const focus: Point = [-46, -12, -14];
const brainCentre: Point = [0, -16, 14];
const brainRadii: Point = [66, 84, 62];

function ellipsoid(p: Point, centre: Point, radii: Point): number {
  return Math.hypot(...p.map((c, k) => (c - (centre[k] as number)) / (radii[k] as number)));
}

function volumeOf(
  shape: Volume["shape"],
  affine: Float64Array,
  at: (p: Point) => number,
  unit: Volume["unit"] = "{arbitrary}",
): Volume {
  const [nx, ny, nz] = shape;
  const data = new Float32Array(nx * ny * nz);
  const grid = { shape, affine, space: "subject:T1w" };
  let i = 0;
  for (let z = 0; z < nz; z++)
    for (let y = 0; y < ny; y++) for (let x = 0; x < nx; x++) data[i++] = at(toWorld(grid, [x, y, z]));
  return { ...grid, unit, frames: [{ start: 0, duration: 600 }], clock: "scanner", data };
}

const random = seededRandom(11);
const noise = (): number => random.uniform() + random.uniform() + random.uniform() - 1.5;

/** Folds: a ribbon of gray about white matter, wavy in depth. */
function tissue(p: Point): "air" | "scalp" | "skull" | "csf" | "gray" | "white" {
  const head = ellipsoid(p, [0, -14, 6], [80, 100, 84]);
  if (head > 1) return "air";
  if (head > 0.93) return "scalp";
  const brain = ellipsoid(p, brainCentre, brainRadii);
  if (brain > 1.04) return head > 0.88 || brain > 1.12 ? "skull" : "csf";
  const folds = 0.06 * Math.sin(p[0] / 5) * Math.sin(p[1] / 6) + 0.06 * Math.sin(p[2] / 5.5 + p[1] / 9);
  if (Math.abs(p[0]) < 1.4 && brain > 0.35) return "csf";
  if (ellipsoid(p, [p[0] < 0 ? -11 : 11, -14, 16], [7, 26, 10]) < 1) return "csf";
  if (ellipsoid(p, [p[0] < 0 ? -24 : 24, 2, 8], [9, 15, 10]) < 1) return "gray";
  return brain + folds > 0.84 ? (brain + folds > 1 ? "csf" : "gray") : "white";
}

const grays = { air: 8, scalp: 620, skull: 70, csf: 150, gray: 430, white: 680 } as const;
const uptake = { air: 0, scalp: 0.25, skull: 0.1, csf: 0.3, gray: 1.5, white: 0.55 } as const;
const spot = (p: Point, radius: number): number =>
  Math.exp(-0.5 * (Math.hypot(p[0] - focus[0], p[1] - focus[1], p[2] - focus[2]) / radius) ** 2);

/** A vitamin-E capsule on the patient's left cheek, to prove sides by eye. */
const capsule: Point = [-84, -14, 6];

export function sampleHead(voxel = 2): { readonly t1: Volume; readonly brain: Mask } {
  const shape = [Math.round(200 / voxel), Math.round(240 / voxel), Math.round(210 / voxel)] as const;
  const affine = affineOf([voxel, 0, 0, -100, 0, voxel, 0, -134, 0, 0, voxel, -100]);
  const t1 = volumeOf(shape, affine, (p) =>
    ellipsoid(p, capsule, [5, 5, 5]) < 1 ? 900 : Math.max(0, grays[tissue(p)] + 22 * noise()),
  );
  const brain = { ...t1, data: new Uint8Array(t1.data.length) };
  for (let i = 0, z = 0; z < shape[2]; z++)
    for (let y = 0; y < shape[1]; y++)
      for (let x = 0; x < shape[0]; x++, i++)
        brain.data[i] = ellipsoid(toWorld(t1, [x, y, z]), brainCentre, brainRadii) < 1.02 ? 1 : 0;
  return { t1, brain: { shape, affine, space: "subject:T1w", data: brain.data } };
}

const names1020: readonly (readonly [string, number, number])[] = [
  ["Fp1", -18, 90],
  ["Fp2", 18, 90],
  ["F7", -54, 88],
  ["F3", -40, 55],
  ["Fz", 0, 45],
  ["F4", 40, 55],
  ["F8", 54, 88],
  ["T7", -90, 90],
  ["C3", -90, 45],
  ["Cz", 0, 0],
  ["C4", 90, 45],
  ["T8", 90, 90],
  ["P7", -126, 88],
  ["P3", -140, 55],
  ["Pz", 180, 45],
  ["P4", 140, 55],
  ["P8", 126, 88],
  ["O1", -162, 90],
  ["O2", 162, 90],
];

/** Azimuth from the nose (left negative) and angle from the vertex, on the scalp ellipsoid. */
function onScalp(azimuth: number, polar: number, scale = 1): Point {
  const [a, t] = [(azimuth * Math.PI) / 180, (polar * Math.PI) / 180];
  return [
    80 * scale * Math.sin(t) * Math.sin(a),
    -14 + 100 * scale * Math.sin(t) * Math.cos(a),
    6 + 84 * scale * Math.cos(t),
  ];
}

const electrodes: Sensor[] = names1020.map(([name, a, t]) => ({ name, kind: "electrode", position: onScalp(a, t) }));

function cortexUnder(p: Point): Point {
  return p.map((c, k) => (brainCentre[k] as number) + 0.79 * (c - (brainCentre[k] as number))) as unknown as Point;
}

function eegView(): NonNullable<ReportModel["eeg"]> {
  const rate = 250;
  const channels = electrodes.map((e) => e.name);
  const near = (name: string): number => ({ T7: 1, F7: 0.6, P7: 0.6, C3: 0.35 })[name] ?? 0;
  const data = channels.map((name, k) => {
    const back = name.startsWith("O") || name.startsWith("P") ? 18 : 7;
    return Float64Array.from({ length: 10 * rate }, (_, i) => {
      const t = i / rate;
      const slow = near(name) * 26 * Math.sin(2 * Math.PI * 4.6 * t + k / 9) * (0.6 + 0.4 * Math.sin(t));
      return (
        1e-6 * (back * Math.sin(2 * Math.PI * 10.1 * t + k) * (0.7 + 0.3 * Math.sin(0.9 * t)) + slow + 7 * noise())
      );
    });
  });
  const frequencies = Float64Array.from({ length: 91 }, (_, i) => i / 2);
  const power = (name: string): Float64Array =>
    frequencies.map((f) => {
      const back = name.startsWith("O") || name.startsWith("P") ? 1 : 0.25;
      const peak = (c: number, w: number, a: number): number => a * Math.exp(-0.5 * ((f - c) / w) ** 2);
      return (
        1e-12 *
        (22 / (f + 0.8) ** 1.6 + peak(10.1, 0.9, 16 * back) + peak(4.6, 0.8, 22 * near(name)) + 0.03) *
        (1 + 0.15 * noise())
      );
    });
  return {
    note: "19 electrodes, average reference, zero-phase FIR 0.5–45 Hz.",
    sensors: electrodes,
    badChannels: ["Fp2"],
    excerpt: {
      channels,
      rate,
      start: 62,
      data,
      events: { clock: "eeg", list: [{ onset: 66.4, duration: 0, type: "eyes closed" }] },
    },
    spectra: {
      frequencies,
      channels: channels.map((name) => ({ name, power: power(name) })),
      marked: ["T7", "O1"],
      method: "Welch, 4 s Hann windows, half overlapping, median of 148 windows.",
    },
    bands: [
      { name: "δ", low: 1, high: 4 },
      { name: "θ", low: 4, high: 8 },
      { name: "α", low: 8, high: 13 },
      { name: "β", low: 13, high: 30 },
    ],
    topographies: [
      {
        name: "θ power, 4–8 Hz",
        unit: "µV²",
        scale: 1e12,
        values: channels.map((channel) => ({ channel, value: (3 + 16 * near(channel)) * 1e-12 })),
        range: [0, 20],
      },
      {
        name: "α power, 8–13 Hz",
        unit: "µV²",
        scale: 1e12,
        values: channels.map((channel) => ({
          channel,
          value: (channel.startsWith("O") ? 38 : channel.startsWith("P") ? 26 : 9) * 1e-12,
        })),
      },
      {
        name: "θ left–right",
        unit: "dB",
        colourMap: "cool-warm",
        values: channels.map((channel) => ({
          channel,
          value: near(channel) * 6 - (["T8", "F8", "P8"].includes(channel) ? 3 : 0),
        })),
      },
    ],
  };
}

const optodes: Sensor[] = [
  { name: "S1", kind: "source", position: onScalp(-75, 70) },
  { name: "S2", kind: "source", position: onScalp(-100, 78) },
  { name: "S3", kind: "source", position: onScalp(75, 70) },
  { name: "S4", kind: "source", position: onScalp(100, 78) },
  { name: "D1", kind: "detector", position: onScalp(-88, 58) },
  { name: "D2", kind: "detector", position: onScalp(-92, 90) },
  { name: "D3", kind: "detector", position: onScalp(88, 58) },
  { name: "D4", kind: "detector", position: onScalp(92, 90) },
];
const pairs = ["S1-D1", "S1-D2", "S2-D1", "S2-D2", "S3-D3", "S3-D4", "S4-D3", "S4-D4"] as const;

function fnirsView(): NonNullable<ReportModel["fnirs"]> {
  const time = Float64Array.from({ length: 120 }, (_, i) => -4 + i / 5);
  const bump = (t: number): number => (t > 0 ? (t / 6) ** 2 * Math.exp(2 - t / 3) : 0);
  const response = (name: string, size: number, channels: string[]) => ({
    name,
    condition: "tapping",
    time,
    trials: 12,
    stimulus: 5,
    channels,
    hbo: { mean: time.map((t) => size * 1e-6 * bump(t)), se: time.map((t) => 0.08e-6 * (1 + bump(t))) },
    hbr: { mean: time.map((t) => -0.35 * size * 1e-6 * bump(t - 1)), se: time.map((t) => 0.05e-6 * (1 + bump(t))) },
  });
  const n = 1500;
  const course = (sign: number): Float64Array =>
    Float64Array.from({ length: n }, (_, i) => 1e-6 * (sign * 0.6 * bump((i / 5) % 25) + 0.12 * noise()));
  return {
    note: "760 and 850 nm, modified Beer–Lambert law, DPF by age and wavelength, 0.01–0.2 Hz.",
    sensors: optodes,
    channels: pairs.map((name, k) => ({
      name,
      source: name.slice(0, 2),
      detector: name.slice(3),
      distance: 30 + (k % 3),
      coupling: k === 5 ? 0.31 : 0.97 - k * 0.03,
      status: k === 5 ? ("bad" as const) : ("good" as const),
    })),
    events: {
      clock: "nirs",
      list: Array.from({ length: 12 }, (_, i) => ({ onset: 25 * i, duration: 5, type: "tapping" })),
    },
    responses: [
      response("Left temporal", 0.35, ["S1-D1", "S1-D2", "S2-D1", "S2-D2"]),
      response("Right temporal", 0.92, ["S3-D3", "S4-D3", "S4-D4"]),
      response("Right parietal", 0.6, ["S4-D4"]),
    ],
    course: { channel: "S3-D3", rate: 5, start: 0, hbo: course(1), hbr: course(-0.4) },
  };
}

const evidence: Evidence[] = [
  {
    modality: "pet",
    kind: "fdg-hypometabolism",
    region: "temporal-lateral",
    side: "left",
    position: [-47, -13, -13],
    space: "subject:T1w",
    positionError: 5,
    volume: 6.1,
    score: -3.4,
    scoreName: "z",
    note: "Largest cluster below z = −2 of 4; two-sided, not corrected over regions.",
  },
  {
    modality: "spect",
    kind: "siscom-hyperperfusion",
    region: "temporal-lateral",
    side: "left",
    position: [-44, -11, -15],
    space: "subject:T1w",
    positionError: 7,
    volume: 4.8,
    score: 4.1,
    scoreName: "z",
    note: "Ictal minus interictal, above 2 SD of the difference in the brain.",
  },
  {
    modality: "eeg",
    kind: "eeg-focal-slowing",
    region: "temporal-lateral",
    side: "left",
    score: 2.9,
    scoreName: "z",
    note: "θ power at T7 against T8; lateralises, gives no point.",
  },
  {
    modality: "fnirs",
    kind: "reduced-hbo-response",
    region: "frontal-inferior",
    side: "left",
    score: -1.8,
    scoreName: "t",
    note: "Below the rule of 2; listed, not counted.",
  },
];

function measures(): Measure[] {
  const regions = [
    "temporal-lateral",
    "temporal-mesial",
    "frontal-inferior",
    "frontal-superior",
    "parietal-lateral",
    "occipital",
    "cingulate",
    "insula",
    "putamen",
    "caudate",
  ];
  const rows: Measure[] = [];
  for (const [k, region] of regions.entries()) {
    for (const side of ["left", "right"] as const) {
      const low = region === "temporal-lateral" && side === "left";
      rows.push(
        {
          region,
          side,
          modality: "mri",
          measure: "volume",
          value: 18.2 + 3 * k + 0.3 * noise(),
          unit: "mL",
          standardError: 0.4,
          n: 2290,
          method:
            "Volume = voxels × voxel volume inside the region, tissue by a three-class Gaussian mixture (Ashburner & Friston, NeuroImage 2005;26:839)",
          sources: ["sub-01/anat/sub-01_T1w.nii.gz"],
        },
        {
          region,
          side,
          modality: "pet",
          measure: "suvr",
          value: low ? 1.02 : 1.31 + 0.05 * noise(),
          unit: "1",
          standardError: 0.02,
          n: 1840,
          z: low ? -3.4 : 0.6 * noise(),
          method:
            "SUVR = mean uptake in the region / mean uptake in cerebellar grey (Lopresti et al., J Nucl Med 2005;46:1959)",
          sources: ["sub-01/pet/sub-01_trc-FDG_pet.nii.gz"],
        },
        {
          region,
          side,
          modality: "spect",
          measure: "siscom-z",
          value: low ? 4.1 : 0.4 * noise(),
          unit: "{z}",
          n: 1840,
          method:
            "SISCOM z = (ictal/mean − interictal/mean) / SD of the difference in the brain (O'Brien et al., Neurology 1998;50:445)",
          sources: ["sub-01/spect/sub-01_acq-ictal_spect.nii.gz", "sub-01/spect/sub-01_acq-interictal_spect.nii.gz"],
        },
      );
      if (k < 6)
        rows.push({
          region,
          side,
          modality: "eeg",
          measure: "theta-power",
          value: low ? 19e-12 : 4e-12,
          unit: "V2",
          interval: low ? [15e-12, 23e-12] : [3e-12, 5e-12],
          n: 148,
          method: "Band power = ∫ Welch PSD over 4–8 Hz (Welch 1967)",
          sources: ["sub-01/eeg/sub-01_task-rest_eeg.edf"],
        });
      if (k < 5)
        rows.push({
          region,
          side,
          modality: "fnirs",
          measure: "hbo-amplitude",
          value: (low ? 0.35 : 0.9 + 0.1 * noise()) * 1e-6,
          unit: "mol/L",
          standardError: 0.08e-6,
          n: 12,
          method:
            "HbO amplitude = mean of the block average 5–12 s after onset (mBLL: Delpy et al., Phys Med Biol 1988;33:1433)",
          sources: ["sub-01/nirs/sub-01_task-tapping_nirs.snirf"],
        });
    }
  }
  return rows;
}

const qc: QcFinding[] = [
  {
    modality: "mri",
    name: "signal-to-noise",
    value: 24.3,
    unit: "1",
    verdict: "ok",
    note: "white matter mean over SD in air",
  },
  { modality: "mri", name: "brain-volume", value: 1284, unit: "mL", verdict: "ok", note: "within 900–1700 mL" },
  { modality: "pet", name: "frame-count", value: 1, verdict: "ok", note: "static image" },
  {
    modality: "pet",
    name: "dose-known",
    value: "no",
    verdict: "warn",
    note: "no injected dose: SUV cannot be computed, SUVR can",
  },
  {
    modality: "spect",
    name: "ictal-interictal-misalignment",
    value: 0.8,
    unit: "mm",
    verdict: "ok",
    note: "below one voxel (3.3 mm)",
  },
  { modality: "fnirs", name: "bad-channels", value: 1, verdict: "bad", note: "S3-D4: coupling 0.31 < 0.75" },
  {
    modality: "eeg",
    name: "line-noise",
    value: 3.1,
    unit: "dB",
    verdict: "warn",
    note: "50 Hz over its neighbours; notch applied",
  },
];

/** One phantom study; `missing` modalities are taken out, as a real study may lack them. */
export function sampleModel({
  missing = [],
  found = true,
  voxel = 2,
}: {
  missing?: readonly Modality[];
  found?: boolean;
  voxel?: number;
} = {}): ReportModel {
  const { t1, brain } = sampleHead(voxel);
  const petMoved = rigid([4, -3, 9], [12, -8, 5]);
  const coarse = affineOf([-3, 0, 0, 105, 0, 3, 0, -140, 0, 0, 3, -105]);
  const pet = volumeOf([70, 84, 72], coarse, (p) => {
    const q = apply(petMoved, p);
    return Math.max(0, uptake[tissue(q)] * (1 - (found ? 0.45 * spot(q, 12) : 0)) + 0.06 * noise());
  });
  const spectZ = volumeOf(
    [70, 84, 72],
    coarse,
    (p) => (ellipsoid(p, brainCentre, brainRadii) < 1 ? 0.9 * noise() + (found ? 5.5 * spot(p, 8) : 0) : 0),
    "{z}",
  );
  const spect = volumeOf([70, 84, 72], coarse, (p) =>
    Math.max(0, uptake[tissue(p)] * 40 + 30 * spot(p, 9) + 2 * noise()),
  );
  const has = (modality: Modality): boolean => !missing.includes(modality);
  const finding: Concordance = {
    region: "temporal-lateral",
    side: "left",
    evidence: evidence.slice(0, 3).filter((e) => has(e.modality)),
    pointing: evidence.slice(0, 3).filter((e) => has(e.modality)).length,
    available: 5 - missing.length,
    rank: 1,
    position: focus,
    positionError: 6,
  };
  const second: Concordance = {
    ...finding,
    region: "frontal-inferior",
    evidence: evidence.slice(3).filter((e) => has(e.modality)),
    pointing: has("fnirs") ? 1 : 0,
    rank: 2,
    position: [-48, 22, 10],
    positionError: 14,
  };
  const notes = {
    mri: "T1, 1 mm",
    pet: "FDG, one frame of 600 s",
    spect: "HMPAO, ictal and interictal",
    fnirs: "8 channels, tapping, 12 trials",
    eeg: "19 channels, 10 min rest",
  } as const;
  const wall = (from: string, offset: number, sigma: number): TimeMap => ({
    from,
    to: "session",
    method: "wall-clock",
    biasBound: 1,
    pieces: [
      { until: Number.POSITIVE_INFINITY, anchor: 0, offset, rate: 1.000012, covariance: [sigma * sigma, 0, 1e-12] },
    ],
  });
  return {
    study: "Code-made phantom",
    subject: { label: "01", age: 34, sex: "F", handedness: "R", weight: 62 },
    generatedAt: "2026-11-24T03:40:00Z",
    software: { name: "Quintet", version: "0.1.0" },
    template: {
      name: "phantom",
      space: "phantom",
      source: "the phantom made by code",
      note: "No template was found on this machine.",
    },
    disclaimers: ["The data are simulated: no person was measured."],
    answer: found
      ? {
          found,
          headline: "Left lateral temporal lobe",
          summary:
            "FDG uptake is low and ictal perfusion high at the same place, and EEG shows slowing on that side. Centre 46 mm left of the midline.",
          confidence: "Agreement is counted, not weighed; the count is unvalidated.",
          missing: [],
          warnings: ["One fNIRS channel over the right temporal lobe is bad.", "No injected dose: SUV is not given."],
        }
      : {
          found,
          headline: "No finding",
          summary: "No region reached the rule: at least two modalities, each beyond its own threshold.",
          confidence: "Small or deep lesions can be missed at these resolutions.",
          missing: ["A normative table for this scanner: without it no z can be given."],
          warnings: [],
        },
    findings: found ? [finding, second] : [],
    evidence: found ? evidence.filter((e) => has(e.modality)) : [],
    measures: measures().filter((m) => has(m.modality)),
    qc: qc.filter((f) => has(f.modality)),
    availability: (["mri", "pet", "spect", "fnirs", "eeg"] as const).map((modality) => ({
      modality,
      present: has(modality),
      note: has(modality) ? notes[modality] : "not in this study",
    })),
    ...(has("mri") ? { anatomy: { t1, brain } } : {}),
    layers: [
      {
        kind: "image" as const,
        id: "fdg",
        modality: "pet" as const,
        name: "FDG SUVR",
        unit: "SUVR",
        range: [0, 2] as const,
        colourMap: "hot-iron" as const,
        opacity: 0.75,
        volume: pet,
        toAnatomy: petMoved,
        note: "Reference: cerebellar grey. Resolution 6 mm.",
        registrationError: 1.2,
      },
      {
        kind: "image" as const,
        id: "siscom",
        modality: "spect" as const,
        name: "SISCOM",
        unit: "z",
        range: [-5, 5] as const,
        colourMap: "cool-warm" as const,
        threshold: 2,
        opacity: 0.85,
        volume: spectZ,
        note: "Ictal minus interictal in SD of the difference; |z| ≥ 2.",
        registrationError: 2.1,
      },
      {
        kind: "sensors" as const,
        id: "hbo",
        modality: "fnirs" as const,
        name: "HbO response",
        unit: "µM",
        scale: 1e6,
        range: [0, 1] as const,
        colourMap: "inferno" as const,
        reach: 18,
        points: pairs.map((name, k) => {
          const [a, b] = [
            optodes.find((o) => o.name === name.slice(0, 2))?.position ?? [0, 0, 0],
            optodes.find((o) => o.name === name.slice(3))?.position ?? [0, 0, 0],
          ];
          const position: Point = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2];
          return {
            name,
            position,
            cortex: cortexUnder(position),
            ...(k === 5 ? {} : { value: (position[0] < 0 ? 0.35 : 0.9) * 1e-6 }),
          };
        }),
        note: "Mean 5–12 s after onset.",
      },
      {
        kind: "sensors" as const,
        id: "theta",
        modality: "eeg" as const,
        name: "θ power",
        unit: "µV²",
        scale: 1e12,
        range: [0, 20] as const,
        colourMap: "inferno" as const,
        reach: 26,
        points: electrodes.map(({ name, position = [0, 0, 0] }) => ({
          name,
          position,
          cortex: cortexUnder(position),
          value: (3 + 16 * (({ T7: 1, F7: 0.6, P7: 0.6, C3: 0.35 } as Record<string, number>)[name] ?? 0)) * 1e-12,
        })),
        note: "4–8 Hz, Welch.",
      },
    ].filter((layer) => has(layer.modality)),
    registrations: [
      {
        modality: "pet" as const,
        name: "FDG PET to T1",
        volume: pet,
        toAnatomy: petMoved,
        expectedError: 1.2,
        quality: 1.184,
        qualityName: "Normalised mutual information",
        verdict: "ok" as const,
        note: "Rigid, five starts, converged.",
        knownError: { found: 0.61, limit: 3, note: "against the position the phantom was made at" },
      },
      {
        modality: "spect" as const,
        name: "Ictal SPECT to T1",
        volume: spect,
        toAnatomy: identityAffine(),
        expectedError: 2.1,
        quality: 1.112,
        qualityName: "Normalised mutual information",
        verdict: "warn" as const,
        note: "Rigid; two starts disagree by 1.4 mm.",
      },
    ].filter((r) => has(r.modality)),
    ...(has("eeg") ? { eeg: eegView() } : {}),
    ...(has("fnirs") ? { fnirs: fnirsView() } : {}),
    clock: {
      name: "session",
      note: "Wall-clock times of the files' headers; no shared trigger was recorded, so the error is that of the wall clocks.",
      tracks: [
        {
          modality: "mri" as const,
          name: "T1",
          clock: "scanner:mri",
          map: wall("scanner:mri", 0, 1),
          blocks: [{ start: 0, duration: 300 }],
          instants: [],
        },
        {
          modality: "pet" as const,
          name: "FDG",
          clock: "scanner:pet",
          map: wall("scanner:pet", 400, 1),
          blocks: [{ start: 1800, duration: 600, label: "frame 1" }],
          instants: [{ time: 0, label: "FDG injection" }],
        },
        {
          modality: "spect" as const,
          name: "HMPAO ictal",
          clock: "scanner:spect",
          blocks: [{ start: 0, duration: 1200 }],
          instants: [],
        },
        {
          modality: "fnirs" as const,
          name: "tapping",
          clock: "nirs",
          map: wall("nirs", 2600, 0.5),
          blocks: [{ start: 0, duration: 300 }],
          instants: Array.from({ length: 12 }, (_, i) => ({ time: 25 * i, label: "tapping" })),
        },
        {
          modality: "eeg" as const,
          name: "rest",
          clock: "eeg",
          map: { ...identityTimeMap("eeg", "session", 0.02), method: "shared triggers" },
          blocks: [{ start: 3000, duration: 600 }],
          instants: [],
        },
      ].filter((t) => has(t.modality)),
    },
    provenance: {
      inputs: [
        "anat/sub-01_T1w.nii.gz",
        "pet/sub-01_trc-FDG_pet.nii.gz",
        "spect/sub-01_acq-ictal_spect.nii.gz",
        "spect/sub-01_acq-interictal_spect.nii.gz",
        "nirs/sub-01_task-tapping_nirs.snirf",
        "eeg/sub-01_task-rest_eeg.edf",
      ].map((path, i) => ({
        path: `sub-01/${path}`,
        sha256: Array.from({ length: 64 }, (_, k) =>
          "0123456789abcdef".charAt((k * 7 + i * 5 + ((k * i) % 3)) % 16),
        ).join(""),
        bytes: 1234567 * (i + 1),
        modality: (["mri", "pet", "spect", "spect", "fnirs", "eeg"] as const)[i] as Modality,
      })),
      steps: [
        {
          name: "brain-mask",
          version: "1",
          parameters: { smoothing: 2, threshold: "otsu" },
          seconds: 1.93,
          inputs: ["sub-01/anat/sub-01_T1w.nii.gz"],
          outputs: [{ path: "anat/sub-01_desc-brain_mask.nii.gz", sha256: "ab12cd34ef56ab12cd34ef56" }],
        },
        {
          name: "register-rigid",
          version: "2",
          parameters: { metric: "mattes", starts: 5, samples: 4096 },
          seconds: 6.4,
          cached: true,
          inputs: ["sub-01/pet/sub-01_trc-FDG_pet.nii.gz"],
          outputs: [{ path: "pet/sub-01_from-pet_to-T1w_xfm.json" }],
        },
        {
          name: "siscom",
          version: "1",
          parameters: { threshold: 2, normalise: "global-mean" },
          seconds: 0.7,
          inputs: ["sub-01/spect/sub-01_acq-ictal_spect.nii.gz", "sub-01/spect/sub-01_acq-interictal_spect.nii.gz"],
          outputs: [{ path: "spect/sub-01_desc-siscom_spect.nii.gz", sha256: "99aa88bb77cc" }],
        },
      ],
      environment: { Engine: "Node 24.4", Cores: "2" },
    },
  };
}
