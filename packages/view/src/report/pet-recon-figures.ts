/** Count rates, motion and convergence of a PET reconstruction as curves. */
import type { Point, Seconds } from "@quintet/core";
import type { Axis } from "../plots/axis.ts";
import { legend, linePlot, type Series } from "../plots/line-plot.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import type { CountCourse, MotionCourse, PetReconFrame } from "./pet-recon-view.ts";

const colours = { prompts: "#16202b", delayeds: "#b06a00", left: "#0b7f95" } as const;
const axes = [
  ["x, to the right", "#b3382c"],
  ["y, to the front", "#1b6e46"],
  ["z, to the head", "#1f5fa8"],
] as const;
const turns = ["about x, nodding", "about y, tilting", "about z, shaking"] as const;

/** Minutes where seconds are too many. */
function clockOf(last: Seconds): { readonly label: string; readonly unit: number } {
  return last > 600 ? { label: "time (min)", unit: 60 } : { label: "time (s)", unit: 1 };
}

function spread(label: string, lists: readonly ArrayLike<number>[], least: number, zero = false): Axis {
  let [low, high] = zero ? [0, 0] : [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const list of lists) {
    for (const v of Array.from(list)) {
      if (!Number.isFinite(v)) continue;
      low = Math.min(low, v);
      high = Math.max(high, v);
    }
  }
  if (!(high >= low)) [low, high] = [0, 0];
  const room = Math.max(0.06 * (high - low), (least - (high - low)) / 2);
  return { label, low: zero && low === 0 ? 0 : low - room, high: high + room };
}

/** A value that holds from one time to the next, as the corners of its steps. */
function steps(edges: readonly number[], values: readonly number[]): { readonly x: number[]; readonly y: number[] } {
  const [x, y]: [number[], number[]] = [[], []];
  for (const [i, value] of values.entries()) {
    x.push(edges[i] as number, edges[i + 1] as number);
    y.push(value, value);
  }
  return { x, y };
}

export function courseFigure({ start, width, prompts, delayeds }: CountCourse): Html {
  const n = prompts.length;
  const { label, unit } = clockOf(start + n * width);
  const edges = Array.from({ length: n + 1 }, (_, i) => (start + i * width) / unit);
  const kilo = (counts: ArrayLike<number>): number[] => Array.from(counts, (c) => c / width / 1000);
  const all = kilo(prompts);
  const late = delayeds && kilo(delayeds);
  const curves = [
    { name: "prompts", colour: colours.prompts, values: all },
    ...(late
      ? [
          { name: "delayed window (randoms)", colour: colours.delayeds, values: late },
          {
            name: "prompts less delayeds",
            colour: colours.left,
            values: all.map((p, i) => p - (late[i] as number)),
          },
        ]
      : []),
  ];
  const series = curves.map(
    ({ name, colour, values }): Series => ({ name, colour, width: 1.2, ...steps(edges, values) }),
  );
  return html`${legend(curves)}<div class="columns"><figure>${linePlot({
    title: `Count rates against ${label}`,
    width: 620,
    height: 260,
    x: { label, low: edges[0] as number, high: edges[n] as number },
    y: spread(
      "thousand counts a second",
      series.map(({ y }) => y),
      1e-6,
      true,
    ),
    series,
  })}<figcaption>Count rates of the list, spans of ${Number(width.toPrecision(3))} s. A gap or a step that the tracer does not make is a fault of the scan.${late ? "" : " The list holds no delayed events."}</figcaption></figure></div>`;
}

export function motionFigures({ time, end, shifts, degrees }: MotionCourse): Html {
  const { label, unit } = clockOf(end);
  const edges = [...Array.from(time), end].map((t) => t / unit);
  const x = { label, low: edges[0] as number, high: Math.max(edges.at(-1) as number, (edges[0] as number) + 1e-6) };
  const plot = (title: string, yLabel: string, of: readonly Point[], names: readonly string[]): Html => {
    const series = axes.map(
      ([, colour], k): Series => ({
        name: names[k] as string,
        colour,
        ...steps(
          edges,
          of.map((p) => p[k] as number),
        ),
      }),
    );
    return html`<figure>${legend(series.map(({ name, colour }) => ({ name, colour })))}${linePlot({
      title,
      width: 520,
      height: 240,
      x,
      // Half a millimetre or degree fills no plot.
      y: spread(
        yLabel,
        series.map((s) => s.y),
        1,
      ),
      series,
    })}<figcaption>${title}.</figcaption></figure>`;
  };
  return html`<div class="columns">${plot(
    "Shift of the head from its reference place",
    "mm",
    shifts,
    axes.map(([name]) => name),
  )}${plot("Turn of the head from its reference place", "degrees", degrees, turns)}</div>`;
}

/** Curves of all frames; nothing where no frame has two iterations. */
export function convergenceFigures(frames: readonly PetReconFrame[]): Html {
  const most = Math.max(...frames.map(({ iterations }) => iterations.length));
  if (most < 2) return html``;
  const x: Axis = { label: "iteration", low: 1, high: most, whole: true };
  const curve = (pick: (frame: PetReconFrame) => number[]): Series[] =>
    frames.map((frame, i) => {
      const y = pick(frame);
      return { name: `frame ${i + 1}`, x: y.map((_, k) => k + 1), y, colour: shade(i, frames.length) };
    });
  const changes = curve(({ iterations }) => iterations.map(({ change }) => change));
  const positive = changes.flatMap(({ y }) => Array.from(y)).filter((v) => v > 0);
  const likely = frames.every(({ iterations }) => iterations.every((step) => step.logLikelihood !== undefined));
  // The first iteration sets out from a level image: its gain would hide all others.
  const gains = curve(({ iterations }) =>
    iterations.map(({ logLikelihood = 0 }, k) =>
      k === 0 ? Number.NaN : logLikelihood - (iterations[1]?.logLikelihood ?? 0),
    ),
  );
  const of = frames.length > 1 ? " Early frames are dark, late ones light." : "";
  return html`<div class="columns">${
    likely && most > 2
      ? html`<figure>${linePlot({
          title: "Gain of the log-likelihood over the second iteration",
          x: { ...x, low: 2 },
          y: spread(
            "gain of the log-likelihood",
            gains.map(({ y }) => y),
            1e-6,
          ),
          series: gains,
        })}<figcaption>Gain of the log-likelihood over the second iteration.${of}</figcaption></figure>`
      : ""
  }${
    positive.length > 0
      ? html`<figure>${linePlot({
          title: "Change of the image in each iteration",
          x,
          y: {
            label: "change of the image",
            low: Math.min(...positive) / 1.5,
            high: Math.max(...positive) * 1.5,
            log: true,
          },
          series: changes,
        })}<figcaption>Change of the image in each iteration, as a share of it.${of}</figcaption></figure>`
      : ""
  }</div>`;
}

/** From dark to light. */
function shade(i: number, n: number): string {
  const t = n > 1 ? i / (n - 1) : 0;
  return `hsl(190 ${Math.round(85 - 30 * t)}% ${Math.round(22 + 38 * t)}%)`;
}
