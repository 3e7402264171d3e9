/** Reads the recording named and prints by how many bytes that raised this process' peak (Linux): `bench/eeg.ts` starts it. */
import { readFileSync } from "node:fs";
import { readRecording } from "../packages/io/src/node/index.ts";

/** Bytes of a line of /proc/self/status; the peak there is this program's, that of getrusage its parent's too. */
const bytesOf = (line: string): number =>
  1024 * Number(new RegExp(`${line}:\\s*(\\d+) kB`).exec(readFileSync("/proc/self/status", "utf8"))?.[1]);

const [path = ""] = process.argv.slice(2);
const before = bytesOf("VmRSS");
const { recording } = await readRecording(path);
const peak = bytesOf("VmHWM");
if (recording.groups[0]?.segments[0]?.data.length === undefined) throw new Error("nothing was read");
console.log(peak - before);
