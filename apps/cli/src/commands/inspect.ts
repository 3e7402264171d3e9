import { inspectPath } from "@quintet/io/node";
import { type Command, UsageError } from "../command.ts";

export const inspect: Command = {
  name: "inspect",
  usage: "quintet inspect PATH [--json]",
  summary: "Say what files hold, in what units, space and clock, and what is wrong with them",
  description: `PATH is a file, a folder or a BIDS dataset. Nothing is written.
Exit code: 0 all read, 1 problems found, 2 wrong usage.

Example: quintet inspect ~/study --json | jq '.[] | select(.problems | length > 0)'`,
  options: {
    json: {
      type: "boolean",
      help: "One JSON array of {path, format, modality, shape|channels|vertices, contents, rate, unit, space, clock, duration, projections, problems[]}",
    },
  },
  async run({ positionals, flag }) {
    const [path, ...more] = positionals;
    if (path === undefined || more.length > 0)
      throw new UsageError("inspect takes one path: quintet inspect PATH [--json]");
    const rows = await inspectPath(path);
    if (flag("json")) process.stdout.write(`${JSON.stringify(rows, null, 1)}\n`);
    else {
      for (const row of rows) {
        const size = row.shape ? row.shape.join(" x ") : row.channels === undefined ? "" : `${row.channels} channels`;
        const mesh = [row.vertices && `${row.vertices} vertices`, row.faces && `${row.faces} faces`];
        const facts = [
          row.format,
          row.modality,
          size,
          ...mesh,
          row.contents,
          row.rate ? `${Number(row.rate.toPrecision(6))} Hz` : "",
          row.unit,
          row.duration ? `${Number(row.duration.toPrecision(5))} s` : "",
          row.space,
          row.clock ? `clock ${row.clock}` : "",
        ];
        console.log(`${row.path}\n  ${facts.filter(Boolean).join(" · ")}`);
        for (const problem of row.problems) console.log(`  ! ${problem}`);
      }
      const faulty = rows.filter(({ problems }) => problems.length > 0).length;
      if (rows.length === 0)
        console.log(
          `Nothing in ${path} is of a format that Quintet reads: NIfTI, MGH, DICOM, GIFTI, FreeSurfer, EDF, BDF, BrainVision, EEGLAB, SNIRF, Homer, MRD, Siemens twix.`,
        );
      else console.log(`\n${rows.length} ${rows.length === 1 ? "entry" : "entries"}, ${faulty} with problems`);
    }
    return rows.some(({ problems }) => problems.length > 0) ? 1 : 0;
  },
};
