/** Slices, spheres and count rates of a phantom as curves. */
import { legend, linePlot, type Series } from "../plots/line-plot.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import type { PetQcRate, PetQcSlice, PetQcSphere, PetQcView } from "./pet-qc-view.ts";

const ink = "#16202b";
const accent = "#0b7f95";
const limitColour = "#b06a00";

function flat(name: string, at: number, low: number, high: number): Series {
  return { name, x: [low, high], y: [at, at], colour: limitColour, width: 1.2, dash: "5 3" };
}

/** Means of the slices, and their regions' largest deviations, each with the limits it is held against. */
export function sliceFigures(slices: readonly PetQcSlice[], mean: number, limits: PetQcView["limits"]): Html {
  const z = slices.map((s) => s.z);
  const [low, high] = [Math.min(...z), Math.max(...z)];
  const x = { label: "z (mm)", low, high: Math.max(high, low + 1e-6) };
  const level = slices.map((s) => 100 * (s.mean / mean - 1));
  const [up, down] = [slices.map((s) => 100 * s.above), slices.map((s) => -100 * s.below)];
  const plot = (title: string, caption: string, curves: readonly Series[], limit: number): Html => {
    const reach = 1.15 * Math.max(limit, ...curves.flatMap((s) => Array.from(s.y, Math.abs)));
    return html`<figure>${legend([...curves.map(({ name, colour }) => ({ name, colour })), { name: `limit to look again, ${limit} %`, colour: limitColour, dash: true }])}${linePlot(
      {
        title,
        x,
        y: { label: "% of the mean", low: -reach, high: reach },
        series: [flat("limit", limit, low, high), flat("limit", -limit, low, high), ...curves],
      },
    )}<figcaption>${caption}</figcaption></figure>`;
  };
  return html`<div class="columns">${plot(
    "Means of the slices along the axis",
    "Each slice’s mean against that of the whole cylinder.",
    [{ name: "mean of the slice", x: z, y: level, colour: ink }],
    100 * limits.axial.warn,
  )}${plot(
    "Largest deviations of a region in each slice",
    "Highest and lowest region of each slice against the slice’s own mean: noise is part of it.",
    [
      { name: "highest region", x: z, y: up, colour: ink },
      { name: "lowest region", x: z, y: down, colour: accent },
    ],
    100 * limits.nonUniformity.warn,
  )}</div>`;
}

/** Contrast recovery against diameter, one standard error up and down. */
export function recoveryFigure(spheres: readonly PetQcSphere[]): Html {
  const kinds = [
    { name: "hot spheres", colour: "#b3382c", own: spheres.filter(({ ratio }) => ratio > 1) },
    { name: "cold spheres", colour: "#1f5fa8", own: spheres.filter(({ ratio }) => ratio < 1) },
  ].filter(({ own }) => own.length > 0);
  const widest = 1.1 * Math.max(...spheres.map(({ diameter }) => diameter));
  const reach = spheres.flatMap((s) => [s.contrast - s.standardError, s.contrast + s.standardError]);
  const half = 0.006 * widest;
  const series = kinds.flatMap(({ name, colour, own }): Series[] => [
    ...own.map(({ diameter, contrast }) => ({
      name,
      x: [diameter - half, diameter + half],
      y: [contrast, contrast],
      colour,
      width: 6,
    })),
    ...own.map(({ diameter, contrast, standardError }) => ({
      name,
      x: [diameter, diameter],
      y: [contrast - standardError, contrast + standardError],
      colour,
    })),
  ]);
  return html`${legend([...kinds, { name: "full recovery", colour: limitColour, dash: true }])}<div class="columns"><figure>${linePlot(
    {
      title: "Contrast recovery against the sphere’s diameter",
      x: { label: "diameter (mm)", low: 0, high: widest },
      y: { label: "contrast recovery", low: Math.min(0, ...reach), high: 1.08 * Math.max(1, ...reach) },
      series: [flat("full recovery", 1, 0, widest), ...series],
    },
  )}<figcaption>Contrast recovery against the sphere’s diameter. Strokes: one standard error, from circles of the same size in the background.</figcaption></figure></div>`;
}

/** Against activity where it is known, else in the order of the table; nothing of a single measurement. */
export function rateFigures(rates: readonly PetQcRate[]): Html {
  if (rates.length < 2) return html``;
  const known = rates.every(({ activity }) => activity !== undefined);
  const at = (rate: PetQcRate, i: number): number => (known ? (rate.activity ?? 0) / 1e6 : i + 1);
  const points = rates.map((rate, i) => ({ rate, x: at(rate, i) })).sort((a, b) => a.x - b.x);
  const x = points.map((p) => p.x);
  const curves = (
    [
      ["prompts", "prompts", ink],
      ["trues", "trues", accent],
      ["randoms", "randoms", "#b06a00"],
      ["scatter", "scatter", "#6d429a"],
      ["noiseEquivalent", "noise-equivalent", "#b3382c"],
    ] as const
  ).map(([key, name, colour]): Series => ({ name, colour, x, y: points.map(({ rate }) => rate[key] / 1000) }));
  const label = known ? "activity (MBq)" : "measurement";
  const most = Math.max(1e-9, ...curves.flatMap(({ y }) => Array.from(y)));
  return html`${legend(curves.map(({ name, colour }) => ({ name, colour })))}<div class="columns"><figure>${linePlot({
    title: `Count rates against ${label}`,
    width: 620,
    height: 280,
    x: { label, low: known ? 0 : 1, high: Math.max(...x) },
    y: { label: "thousand counts a second", low: 0, high: 1.06 * most },
    series: curves,
  })}<figcaption>Count rates of the series against ${label}.</figcaption></figure></div>`;
}
