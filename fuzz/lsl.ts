import { createServer } from "node:net";
import type { DataError } from "../packages/core/src/index.ts";
import { connectStream } from "../packages/live/src/lsl/connection.ts";
import { parseQuery } from "../packages/live/src/lsl/query.ts";
import { sampleDecoder } from "../packages/live/src/lsl/sample-decoder.ts";
import { encodeSamples } from "../packages/live/src/lsl/sample-encoder.ts";
import { infoXml, readInfo } from "../packages/live/src/lsl/stream-info.ts";
import { patternValues } from "../packages/live/src/lsl/test-pattern.ts";
import type { FuzzTarget } from "./target.ts";

const utf8 = new TextEncoder();
const info = {
  name: "made",
  type: "EEG",
  channelCount: 3,
  format: "string",
  rate: 0,
  sourceId: "made-1",
  uid: "c6f2a1f0",
  sessionId: "default",
  hostname: "here",
  dataPort: 16572,
  servicePort: 16573,
} as const;
const status = "LSL/110 200 OK\r\nUID: c6f2a1f0\r\nByte-Order: 1234\r\n\r\n";

/** What an honest outlet sends: status, two patterns, samples. */
function served(): Uint8Array {
  const pattern = patternValues("string", 3, 4);
  const parts = [
    utf8.encode(status),
    encodeSamples("string", 3, [123456.789, 123456.789], [...pattern, ...pattern] as string[]),
    encodeSamples("string", 3, [1, Number.NaN], ["go", "", "x".repeat(300), "β", "stop", "."]),
  ];
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

export const lslTargets: readonly FuzzTarget[] = [
  {
    name: "lsl-info",
    fixtures: () => [{ name: "info.xml", bytes: utf8.encode(infoXml(info, 1, "<channels/>")) }],
    read: (bytes, file) => readInfo(new TextDecoder().decode(bytes), file),
  },
  {
    name: "lsl-query",
    fixtures: () => [
      {
        name: "query",
        bytes: utf8.encode(
          "session_id='default' and (type='EEG' or not(contains(name,\"x\"))) and count(desc/channels)>=1",
        ),
      },
    ],
    read: (bytes) => parseQuery(new TextDecoder().decode(bytes)),
  },
  {
    name: "lsl-samples",
    fixtures: () => [
      { name: "strings", bytes: encodeSamples("string", 2, [1, 2], ["a", "b".repeat(400), "", "c"]) },
      { name: "numbers", bytes: encodeSamples("string", 1, [1, Number.NaN, 3], ["1", "2", "3"]) },
    ],
    read: (bytes, peer) => {
      const decoder = sampleDecoder({ format: "string", channels: 2, rate: 10, bigEndian: false, peer });
      // In three pieces, as a network may cut it.
      for (const part of [bytes.subarray(0, 5), bytes.subarray(5, 20), bytes.subarray(20)]) decoder.push(part);
      if (decoder.pending() > 4 * bytes.length + 64) throw new Error("holds more than it was given");
    },
  },
  {
    name: "lsl-peer",
    wasm: true,
    fixtures: () => [{ name: "outlet", bytes: served() }],
    read: async (bytes) => {
      const server = createServer((socket) => {
        socket.on("error", () => undefined);
        socket.once("data", () => socket.end(bytes));
      });
      await new Promise<void>((go) => server.listen(0, "127.0.0.1", go));
      const { port } = server.address() as { readonly port: number };
      try {
        await new Promise<void>((done, fail) => {
          const peer = { ...info, address: "127.0.0.1", dataPort: port };
          const events = { onChunk: () => undefined, onEnd: (why?: DataError) => (why ? fail(why) : done()) };
          connectStream(peer, 100, events).catch(fail);
        });
      } finally {
        server.close();
      }
    },
  },
];
