/** Regional curves of the Turku PET Centre: .dft, four title lines and a line a frame. */
import { DataError, type Tac, type Tacs } from "@quintet/core";
import { quoted } from "../bids/text.ts";
import { curvesOf, linesOf, numberOf } from "./curve-table.ts";
import { type CurveOptions, needsActivity } from "./pmod.ts";
import { activityUnit, secondsPer } from "./units.ts";

/**
 * Reads a DFT file:
 *
 *   DFT1     put   put   cau        region
 *   us1234   dx    sin   .          study, side
 *   kBq/ml   Pl05  Pl05  .          unit, plane
 *   Times (min) 123.5 120 .         "Times": start and end, "Time": middle only; region sizes in mm3
 *   0 0.25   1.1   1.2   0.9
 *
 * A region is named by its parts that are no ".", joined by "_"; a column "weight" is kept apart. Lines of # are comments.
 *
 * @throws DataError `not-dft`, `bad-header`, `unknown-units`, and those of curvesOf
 * @see turkupetcentre.net, format_tpc_dft; TPCCLIB dftio.c reads the same lines
 */
export function readDft(text: string, { file, clock = "pet" }: CurveOptions): Tacs {
  const [first, second, third, fourth, ...rows] = linesOf(text, file);
  if (!/^DFT/i.test(first?.cells[0] ?? "")) {
    throw new DataError("not-dft", "the first line of a DFT file begins with DFT", {
      file,
      found: quoted(first?.cells.join(" ") ?? "nothing"),
    });
  }
  const count = (first?.cells.length ?? 1) - 1;
  const unit = (third?.cells ?? []).filter((cell, i) => !(i === 1 && /^\(.*\)$/.test(cell)));
  const [kind, timeUnit, ...sizes] = fourth?.cells ?? [];
  const titles = [second?.cells.slice(1) ?? [], unit.slice(1), sizes];
  const short = titles.findIndex((list) => list.length !== count);
  if (short >= 0 || !/^times?$/i.test(kind ?? "")) {
    throw new DataError("bad-header", `title line ${short >= 0 ? short + 2 : 4} of a DFT file`, {
      file,
      expected: short >= 0 ? `${count} entries, one a region` : "Time (unit) or Times (unit)",
      found: short >= 0 ? `${titles[short]?.length}` : quoted(kind ?? "nothing"),
    });
  }
  const [sides = [], planes = []] = titles;
  const names = (first?.cells.slice(1) ?? []).map((name, i) =>
    /^weights?$/i.test(name)
      ? "weight"
      : [name === "." ? String(i + 1) : name, sides[i], planes[i]].filter((part) => part !== ".").join("_"),
  );
  const tacs = curvesOf(rows, names, {
    timeColumns: /^times$/i.test(kind ?? "") ? 2 : 1,
    perSecond: secondsPer(timeUnit?.replaceAll(/[()]/g, ""), "unit of the times, on the fourth line", file),
    scale: activityUnit(unit[0], "unit of the activity, on the third line", file),
    unit: "Bq/mL",
    clock,
    file,
  });
  const volumes = new Map(
    names.map((name, i) => [name, sizes[i] === "." ? undefined : numberOf(sizes[i], fourth?.line ?? 4, file) / 1000]),
  );
  const sized = tacs.regions.map((region): Tac => {
    const volume = volumes.get(region.name);
    return volume === undefined || !(volume > 0) ? region : { ...region, volume };
  });
  return { ...tacs, regions: sized };
}

/** The text of a .dft file: times in seconds, activity in kBq/ml. @throws DataError `unknown-units` */
export function writeDft(tacs: Tacs, { study = "." }: { readonly study?: string } = {}): string {
  needsActivity(tacs);
  const { regions, frames, weights } = tacs;
  const framed = frames.every(({ duration }) => duration > 0);
  const dots = regions.map(() => ".");
  const lines = [
    ["DFT1", ...regions.map(({ name }) => name.replaceAll(/\s+/g, "_"))],
    [study.replaceAll(/\s+/g, "_"), ...dots],
    ["kBq/ml", ...dots],
    [
      framed ? "Times (sec)" : "Time (sec)",
      ...regions.map(({ volume }) => (volume === undefined ? "." : volume * 1000)),
    ],
    ...frames.map(({ start, duration }, t) => [
      ...(framed ? [start, start + duration] : [start]),
      ...regions.map(({ values }) => (values[t] as number) / 1000),
    ]),
  ];
  const ends = weights === undefined ? [] : ["weight", ".", ".", ".", ...weights];
  return `${lines.map((line, i) => [...line, ...(weights === undefined ? [] : [ends[i]])].join("\t")).join("\n")}\n`;
}
