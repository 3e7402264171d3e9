/** Measures and quality rows of the sample report. */
import type { Measure, QcFinding } from "@quintet/core";
import { noise } from "./sample-head.ts";

export function measures(): Measure[] {
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

export const qc: QcFinding[] = [
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
