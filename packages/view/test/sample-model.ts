/** A report model made by code about the sample head: for tests and for looking at the page; no pipeline behind it. */
import type { Concordance, Evidence, Modality, Point, TimeMap } from "@quintet/core";
import { identityAffine, identityTimeMap } from "@quintet/core";
import type { ReportModel } from "../src/report/model.ts";
import { focus, sampleImages } from "./sample-head.ts";
import { measures, qc } from "./sample-rows.ts";
import { cortexUnder, eegView, electrodes, fnirsView, optodes, pairs } from "./sample-signals.ts";

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
  const { t1, brain, pet, spect, spectZ, petMoved } = sampleImages(voxel, found);
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
      note: "Wall-clock times of the files' headers; EEG and light are tied by the pulses that both recorded.",
      ties: [
        {
          from: "nirs",
          to: "eeg",
          pulses: "tapping",
          used: 58,
          refused: [{}, {}],
          jitter: 0.029,
          residuals: Array.from({ length: 60 }, (_, i) => ({
            time: 5 * i,
            residual: i % 29 === 7 ? 0.4 : 0.029 * Math.sin(12.9898 * i),
          })),
        },
        { from: "pet", to: "eeg", pulses: "gate", used: 0, refused: [], residuals: [], why: "no run of pulses fits" },
      ],
      findings: ["eeg, at 310.2 s: the clock jumped by 100.000 s"],
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
