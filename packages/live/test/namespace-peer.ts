/**
 * One host of two: `namespace-peer.ts send` offers 200 samples and stands until its input ends, `receive` finds the stream
 * by multicast and reads them.
 */
import { once } from "node:events";
import { openInlet } from "../src/lsl/inlet.ts";
import { openOutlet } from "../src/lsl/outlet.ts";
import { resolveStreams } from "../src/lsl/resolver.ts";

const made = { name: "far", type: "EEG", channelCount: 2, format: "float32", rate: 100, sourceId: "far-1" } as const;
if (process.argv[2] === "send") {
  const outlet = await openOutlet(made, { interfaces: "all" });
  console.log("ready");
  while (outlet.readers() === 0) await new Promise((go) => setTimeout(go, 10));
  for (let k = 0; k < 20; k++) {
    outlet.push(Float32Array.from({ length: 20 }, (_, i) => 10 * k + (i >> 1)));
    await new Promise((go) => setTimeout(go, 50));
  }
  await once(process.stdin.resume(), "end");
  await outlet.close();
} else {
  const [found] = await resolveStreams("source_id='far-1'", { interfaces: "all", timeout: 10, enough: 1 });
  if (found === undefined) throw new Error("the other host's stream was not found");
  const got: number[] = [];
  let clock: number | undefined;
  const inlet = await openInlet(found, {
    onChunk: ({ values }) => got.push(...values),
    onClock: ({ roundTrip }) => {
      clock = roundTrip;
    },
  });
  for (let k = 0; k < 600 && (got.length < 400 || clock === undefined); k++)
    await new Promise((go) => setTimeout(go, 10));
  inlet.close();
  console.log(
    JSON.stringify({ address: found.address, right: got.length === 400 && got.every((v, i) => v === i >> 1), clock }),
  );
  process.exit(0);
}
