import type { KSpace, ReadoutPurpose } from "@quintet/core";
import type { InspectRow } from "./inspect-path.ts";

/** The row of a raw MRI file: the image it makes, its coils, and how many readouts serve what. */
export function rawMriRow(path: string, format: string, kspace: KSpace): InspectRow {
  const { coils, encodings, readouts, waveforms, tick, space, clock } = kspace;
  const images = readouts.filter(({ purpose }) => purpose.startsWith("image"));
  const [first = readouts[0]] = images;
  const matrix = encodings[first?.encoding ?? 0]?.image.matrix ?? [1, 1, 1];
  const count = (of: "slice" | "contrast" | "repetition"): number =>
    new Set(images.map(({ counters }) => counters[of])).size;
  const slices = count("slice");
  const counts = new Map<ReadoutPurpose, number>();
  for (const { purpose } of readouts) counts.set(purpose, (counts.get(purpose) ?? 0) + 1);
  const stamps = readouts.map(({ stamp }) => stamp);
  const [from, to] = [stamps.reduce((a, b) => Math.min(a, b)), stamps.reduce((a, b) => Math.max(a, b))];
  const several = [
    [count("contrast"), "echoes"],
    [count("repetition"), "repetitions"],
    [waveforms.length, "waveforms"],
  ] as const;
  return {
    path,
    format,
    modality: "mri",
    shape: [matrix[0], matrix[1], slices > 1 ? slices : matrix[2]],
    channels: coils,
    contents: [
      `${coils} ${coils === 1 ? "coil" : "coils"}`,
      encodings[first?.encoding ?? 0]?.trajectory ?? "cartesian",
      ...[...counts].map(([purpose, n]) => `${n} ${names[purpose]}`),
      ...several.filter(([n]) => n > 1).map(([n, what]) => `${n} ${what}`),
    ].join(", "),
    space,
    clock,
    ...(tick !== undefined && to > from ? { duration: (to - from) * tick } : {}),
    problems: images.length === 0 ? ["no readout of an image"] : [],
  };
}

const names: Readonly<Record<ReadoutPurpose, string>> = {
  image: "lines",
  calibration: "calibration lines",
  "image-and-calibration": "lines that calibrate too",
  noise: "noise readouts",
  navigator: "navigators",
  other: "readouts of the scanner's own",
};
