/** A stream that is found again elsewhere, and what may go wrong in the moment in which it is. */
import { createServer, type Socket } from "node:net";
import { parseXml } from "@quintet/io";
import { expect, test } from "vitest";
import { eeg, interfaces, own, until } from "../../test/made-stream.ts";
import { patternStamp } from "./constants.ts";
import { openInlet } from "./inlet.ts";
import { openOutlet } from "./outlet.ts";
import { resolveStreams } from "./resolver.ts";
import { openResponder } from "./responder.ts";
import { encodeSamples } from "./sample-encoder.ts";
import { infoXml, type StreamInfo } from "./stream-info.ts";
import { patternValues } from "./test-pattern.ts";

/** Reads a stream whose outlet then goes, and answers in its place; `meet` has the connection of whoever comes back. */
async function replaced(name: string, meet: (socket: Socket) => void) {
  const description = { ...eeg, sourceId: own(name) };
  const first = await openOutlet(description, { interfaces });
  const [found] = await resolveStreams(`source_id='${own(name)}'`, { interfaces, enough: 1 });
  const states: string[] = [];
  const inlet = await openInlet(
    found as StreamInfo,
    {
      onChunk: () => undefined,
      onState: (state, { why }) => states.push(why === undefined ? state : `${state}: ${why}`),
    },
    { interfaces },
  );
  await first.close();
  await until(() => states.includes("lost"));
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => meet(socket));
  });
  await new Promise<void>((go) => server.listen(0, "127.0.0.1", go));
  const { port: dataPort } = server.address() as { readonly port: number };
  let xml = "";
  const responder = await openResponder(interfaces, { xml: () => xml, info: () => parseXml(xml, "here") });
  const { servicePort } = responder;
  xml = infoXml({ ...description, uid: "another", sessionId: "default", hostname: "", dataPort, servicePort }, 0);
  return {
    inlet,
    states,
    [Symbol.dispose]() {
      inlet.close();
      responder.close();
      server.close();
    },
  };
}

/** Status, header and the two test patterns as a whole; `wrong` is added to the values of the second. */
const opening = (wrong: number): Uint8Array =>
  Buffer.concat([
    Buffer.from("LSL/110 200 OK\r\nByte-Order: 1234\r\n\r\n"),
    ...([4, 2] as const).map((offset, k) => {
      const values = (patternValues("float32", eeg.channelCount, offset) as number[]).map((v) => v + k * wrong);
      return encodeSamples("float32", eeg.channelCount, [patternStamp], values);
    }),
  ]);

test("a wrong test pattern in the first bytes ends a stream that came back, too", async () => {
  using met = await replaced("impostor", (socket) => socket.write(opening(1)));
  await until(() => met.states.length > 2);
  expect(met.states).toEqual(["lost", "open", expect.stringMatching(/^ended: .*test pattern/)]);
});

test("closed while it comes back, it is not read any more", async () => {
  let left = false;
  using met = await replaced("late", (socket) => {
    socket.once("close", () => {
      left = true;
    });
    met.inlet.close();
    socket.write(opening(0));
  });
  await until(() => left);
  expect([left, met.states]).toEqual([true, ["lost"]]);
});
