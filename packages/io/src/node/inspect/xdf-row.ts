import type { Xdf, XdfStream } from "../../xdf/xdf.ts";
import { knownStart } from "../known-start.ts";
import type { InspectRow } from "./inspect-path.ts";

/** One row for all streams of a recording; each is on its own sender's clock until it is synchronised. */
export function xdfRow(path: string, { streams, startedAt, problems }: Xdf): InspectRow {
  const started = knownStart(startedAt);
  return {
    path,
    format: `XDF (${streams.map(told).join("; ")})`,
    channels: streams.reduce((sum, { channels }) => sum + channels.length, 0),
    rate: Math.max(...streams.map(({ rate }) => rate)),
    unit: [...new Set(streams.flatMap(({ channels }) => channels.map(({ unit }) => unit || "as sent")))].join(", "),
    clock: "each sender's own",
    ...(started === undefined ? {} : { startedAt: started }),
    duration: Math.max(0, ...streams.map(({ stamps }) => (stamps.at(-1) ?? 0) - (stamps[0] ?? 0))),
    problems,
  };
}

const told = ({ name, type, stamps }: XdfStream): string => `${name}, ${type || "no type"}, ${stamps.length} samples`;
