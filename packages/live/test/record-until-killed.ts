/** Records the stream of a source id into a file until somebody kills it; from the first sample on it says every 20 ms how many it has heard. */

import { resolveStreams } from "../src/lsl/resolver.ts";
import { openRecorder } from "../src/record/recorder.ts";

const [path = "", sourceId = ""] = process.argv.slice(2);
const interfaces = ["127.0.0.1"];
const recorder = await openRecorder(path, { interfaces });
const [stream] = await resolveStreams(`source_id='${sourceId}'`, { interfaces, enough: 1, timeout: 10 });
if (stream === undefined) throw new Error(`${sourceId} was not found`);
await recorder.add(stream);
setInterval(() => {
  const samples = recorder.status().streams[0]?.samples ?? 0;
  if (samples > 0) console.log(samples);
}, 20);
