import { writeXdfStudy } from "@quintet/pipeline";
import { type Command, UsageError } from "../../command.ts";

export const convert: Command = {
  name: "convert",
  usage: "quintet convert RUN.xdf --to STUDY [--task rest]",
  summary: "Make a BIDS dataset of a recorded XDF file: EEG, fNIRS and marks on one clock",
  description: `Brings every stream of the file onto the recorder's clock (robust line through the clock offsets, jitter removed; the numbers
of pyxdf) and writes EEG streams as BrainVision, NIRS streams as SNIRF, and the marks as the events of each. Names and free
text of the file's headers are not copied. Streams of other types stay in the XDF file, and that is said.

Exit code: 0 written, 1 it could not be read or holds no recording, 2 wrong usage.

Example: quintet convert run.xdf --to ~/study --subject 07 --task fingertapping`,
  options: {
    to: { type: "string", value: "STUDY", help: "Folder to make; it must not exist" },
    subject: { type: "string", value: "LABEL", help: "Participant label (default 01)" },
    task: { type: "string", value: "NAME", help: "Task of the recordings, letters and digits (default recording)" },
    json: { type: "boolean", help: "The files and notes as one JSON object" },
  },
  async run(call) {
    const [path, ...more] = call.positionals;
    const to = call.text("to");
    if (path === undefined || to === undefined || more.length > 0)
      throw new UsageError("convert takes one XDF file and --to: quintet convert RUN.xdf --to STUDY");
    const task = call.text("task") ?? "recording";
    if (!/^[A-Za-z0-9]+$/.test(task)) throw new UsageError(`--task takes letters and digits, not "${task}"`);
    const subject = (call.text("subject") ?? "01").replace(/^sub-/, "");
    const written = await writeXdfStudy(path, to, { subject, task });
    if (call.flag("json")) process.stdout.write(`${JSON.stringify(written, null, 1)}\n`);
    else {
      for (const file of written.files) console.log(`+ ${file}`);
      for (const note of written.notes) console.log(`! ${note}`);
      console.log(`Next: quintet inspect ${to}, then quintet run ${to} --out ${to}/derivatives`);
    }
    return 0;
  },
};
