import { connect, createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { eeg, interfaces, own, until } from "../../test/made-stream.ts";
import { connectStream, fullInfo } from "./connection.ts";
import { openOutlet } from "./outlet.ts";
import { resolveStreams } from "./resolver.ts";
import { encodeSamples } from "./sample-encoder.ts";
import type { StreamInfo } from "./stream-info.ts";

describe("peers that misbehave", () => {
  const good = { name: "bad", uid: "u", type: "EEG", format: "float32", channelCount: 1, rate: 1 } as const;
  async function peer(
    answer: (write: (bytes: string | Uint8Array) => void) => void,
  ): Promise<{ info: StreamInfo; close: () => void }> {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => answer((bytes) => socket.write(bytes)));
    });
    await new Promise<void>((go) => server.listen(0, "127.0.0.1", go));
    const { port } = server.address() as { port: number };
    const info = {
      ...good,
      address: "127.0.0.1",
      dataPort: port,
      servicePort: port,
      sourceId: "",
      sessionId: "",
      hostname: "",
    };
    return { info, close: () => server.close() };
  }
  const ok = "LSL/110 200 OK\r\nByte-Order: 1234\r\n\r\n";

  test.each([
    ["unsupported-protocol", "HTTP/1.1 400 Bad Request\r\n\r\n"],
    ["unsupported-protocol", `LSL/110 505 Version not supported\r\n\r\n`],
    ["unsupported-protocol", "x".repeat(20_000)],
    ["stream-gone", "LSL/110 404 Not found\r\n\r\n"],
  ])("%s", async (code, status) => {
    const { info, close } = await peer((write) => write(status));
    const events = { onChunk: () => undefined, onEnd: () => undefined };
    await expect(connectStream(info, 10, events)).rejects.toThrow(expect.objectContaining({ code }));
    close();
  });

  test("a wrong test pattern ends the stream with its reason", async () => {
    const { info, close } = await peer((write) => {
      write(ok);
      write(encodeSamples("float32", 1, [123456.789, 123456.789], [4, 99]));
    });
    const why = await new Promise<string | undefined>((tell) => {
      void connectStream(info, 10, { onChunk: () => undefined, onEnd: (error) => tell(error?.code) });
    });
    expect(why).toBe("bad-pattern");
    close();
  });

  test("endless information is cut", async () => {
    const { info, close } = await peer((write) => {
      for (let k = 0; k < 100; k++) write("<a>".repeat(20_000));
    });
    await expect(fullInfo(info)).rejects.toThrow(expect.objectContaining({ code: "xml-too-large" }));
    close();
  });

  test("nobody there: unreachable", async () => {
    const { info, close } = await peer(() => undefined);
    close();
    await expect(fullInfo(info)).rejects.toThrow(expect.objectContaining({ code: "unreachable" }));
  });

  test("a reader that does not read costs its own samples, not the others' memory", async () => {
    await using outlet = await openOutlet({ ...eeg, sourceId: own("fast"), channelCount: 1000 }, { interfaces });
    const [found] = await resolveStreams(`source_id='${own("fast")}'`, { interfaces, enough: 1 });
    const slow = connect({ host: "127.0.0.1", port: found?.dataPort as number });
    slow.write(`LSL:streamfeed/110 ${found?.uid}\r\nMax-Buffer-Length: 1000\r\n\r\n`);
    slow.pause();
    await until(() => outlet.readers() === 1);
    for (let k = 0; k < 400; k++) {
      outlet.push(new Float32Array(50_000));
      if (k % 50 === 0) await new Promise((go) => setTimeout(go, 1));
    }
    expect(outlet.dropped()).toBeGreaterThan(10_000);
    slow.destroy();
  });
});
