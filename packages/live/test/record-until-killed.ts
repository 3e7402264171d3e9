/** Records the stream of a source id into a file until somebody kills it; says "recording" once it does. */

import { resolveStreams } from "../src/lsl/resolver.ts";
import { openRecorder } from "../src/record/recorder.ts";

const [path = "", sourceId = ""] = process.argv.slice(2);
const interfaces = ["127.0.0.1"];
const recorder = await openRecorder(path, { interfaces });
const [stream] = await resolveStreams(`source_id='${sourceId}'`, { interfaces, enough: 1, timeout: 10 });
if (stream === undefined) throw new Error(`${sourceId} was not found`);
await recorder.add(stream);
console.log("recording");
setInterval(() => undefined, 1000);
