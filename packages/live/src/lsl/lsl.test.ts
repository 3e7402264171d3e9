import { connect, createServer } from "node:net";
import { parseXml, xdfValueBytes } from "@quintet/io";
import { describe, expect, test } from "vitest";
import { measureClock } from "./clock-exchange.ts";
import { connectStream, fullInfo } from "./connection.ts";
import { openInlet } from "./inlet.ts";
import { localClock } from "./local-clock.ts";
import { openOutlet } from "./outlet.ts";
import { packetPool } from "./packet-pool.ts";
import { parseQuery, queryOf } from "./query.ts";
import { resolveStreams } from "./resolver.ts";
import { sampleDecoder } from "./sample-decoder.ts";
import { encodeSamples } from "./sample-encoder.ts";
import { readInfo, type StreamInfo } from "./stream-info.ts";
import { patternValues } from "./test-pattern.ts";

const interfaces = ["127.0.0.1"];
const eeg = { name: "made", type: "EEG", channelCount: 4, format: "float32", rate: 500, sourceId: "made-1" } as const;
const until = async (ready: () => boolean, seconds = 5): Promise<void> => {
  for (let k = 0; k < seconds * 100 && !ready(); k++) await new Promise((go) => setTimeout(go, 10));
};

describe("what stands in the protocol", () => {
  test("the test patterns as liblsl sends them", () => {
    expect(patternValues("float32", 4, 4)).toEqual([4, -5, 6, -7]);
    expect(patternValues("float32", 4, 2)).toEqual([2, -3, 4, -5]);
    expect(patternValues("double64", 2, 4)).toEqual([16777221, -16777222]);
    expect(patternValues("int32", 1, 2)).toEqual([65539]);
    expect(patternValues("int16", 2, 4)).toEqual([261, -262]);
    expect(patternValues("int8", 130, 4)[124]).toBe((124 + 4 + 1) % 127);
    expect(patternValues("int64", 2, 2)).toEqual([2147483651, -2147483652]);
    expect(patternValues("string", 3, 4)).toEqual(["10", "-11", "12"]);
  });

  test("samples as bytes: a stamp that is sent and one that is deduced", () => {
    const bytes = encodeSamples("int16", 2, [1, Number.NaN], [1, -1, 2, 300]);
    expect([...bytes]).toEqual([2, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 1, 0, 255, 255, 1, 2, 0, 0x2c, 1]);
    const decoder = sampleDecoder({ format: "int16", channels: 2, rate: 4, bigEndian: false, peer: "here" });
    // Byte by byte: nothing depends on how the network cuts.
    const chunks = [...bytes]
      .map((byte) => decoder.push(Uint8Array.of(byte)))
      .filter(({ stamps }) => stamps.length > 0);
    expect(chunks.flatMap(({ stamps }) => [...stamps])).toEqual([1, 1.25]);
    expect(chunks.flatMap(({ values }) => [...values])).toEqual([1, -1, 2, 300]);
    expect(decoder.pending()).toBe(0);
  });

  test.each(["float32", "double64", "int32", "int8"] as const)(
    "%s in pieces of 7 bytes is what was sent, of both byte orders",
    (format) => {
      const values = Array.from({ length: 60 }, (_, i) => (i * 7) % 50);
      const stamps = [1, Number.NaN, Number.NaN, 5, Number.NaN];
      const bytes = encodeSamples(format, 12, stamps, values);
      const size = xdfValueBytes[format];
      const turned = bytes.slice();
      for (let i = 0, at = 0; i < stamps.length; i++, at += 12 * size) {
        const stamp = Number.isNaN(stamps[i]) ? 0 : 8;
        turned.subarray(at + 1, at + 1 + stamp).reverse();
        at += 1 + stamp;
        for (let c = 0; c < 12; c++) turned.subarray(at + c * size, at + (c + 1) * size).reverse();
      }
      for (const [sent, bigEndian] of [
        [bytes, false],
        [turned, true],
      ] as const) {
        const decoder = sampleDecoder({ format, channels: 12, rate: 2, bigEndian, peer: "here" });
        const pieces = Array.from({ length: Math.ceil(sent.length / 7) }, (_, k) => sent.subarray(7 * k, 7 * k + 7));
        const chunks = pieces.map((piece) => decoder.push(piece));
        expect(chunks.flatMap((chunk) => [...chunk.stamps])).toEqual([1, 1.5, 2, 5, 5.5]);
        expect(chunks.flatMap((chunk) => [...chunk.values])).toEqual(values);
        expect(decoder.pending()).toBe(0);
      }
    },
  );

  test("reused memory: the next chunk lies where the last did, and values are right either way", () => {
    const layout = { format: "float32", channels: 2, rate: 2, bigEndian: false, peer: "here" } as const;
    const [own, shared] = [sampleDecoder(layout), sampleDecoder({ ...layout, reuse: true })];
    const packets = [0, 10, 20].map((v) => encodeSamples("float32", 2, [v, Number.NaN], [v + 1, v + 2, v + 3, v + 4]));
    const kept = packets.map((bytes) => own.push(bytes).values);
    expect(kept.map((values) => [...values])).toEqual([
      [1, 2, 3, 4],
      [11, 12, 13, 14],
      [21, 22, 23, 24],
    ]);
    const lent = packets.map((bytes) => {
      const { values, stamps } = shared.push(bytes);
      return { values, now: [...values], stamps: [...stamps] };
    });
    expect(lent.map(({ now }) => now)).toEqual(kept.map((values) => [...values]));
    expect(lent.map(({ stamps }) => stamps)).toEqual([
      [0, 0.5],
      [10, 10.5],
      [20, 20.5],
    ]);
    expect(new Set(lent.map(({ values }) => values.buffer)).size).toBe(1);
  });

  test("strings of every length; big-endian numbers", () => {
    const values = ["", "β", "x".repeat(255), "y".repeat(70_000)];
    const decoder = sampleDecoder({ format: "string", channels: 2, rate: 0, bigEndian: false, peer: "here" });
    expect(decoder.push(encodeSamples("string", 2, [1, 2], values)).strings).toEqual(values);
    const big = sampleDecoder({ format: "int32", channels: 1, rate: 1, bigEndian: true, peer: "here" });
    expect([...big.push(Uint8Array.of(2, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0)).values]).toEqual([256]);
  });

  test.each([
    ["a tag of its own making", [7]],
    ["a string of 2^40 bytes", [1, 8, 0, 0, 0, 0, 0, 1, 0, 0]],
    ["a length of 3 bytes", [1, 3]],
  ])("%s is refused before anything is held for it", (_, bytes) => {
    const decoder = sampleDecoder({ format: "string", channels: 1, rate: 0, bigEndian: false, peer: "here" });
    expect(() => decoder.push(Uint8Array.from(bytes))).toThrow(expect.objectContaining({ code: "bad-sample" }));
  });

  const info = parseXml(
    "<info><name>it's</name><type>EEG</type><nominal_srate>500</nominal_srate><desc><a/><a/></desc></info>",
    "x",
  );
  test.each([
    ["", true],
    ["type='EEG'", true],
    ["type='EEG' and nominal_srate>=500", true],
    ["type='NIRS' or (starts-with(name,\"it\") and not(contains(name,'x')))", true],
    ["count(desc/a)=2", true],
    ["type!='EEG'", false],
    [queryOf({ name: "it's", type: "EEG" }), true],
  ])("query %s", (text, answer) => {
    expect(parseQuery(text)(info)).toBe(answer);
  });

  test.each([
    "type=",
    "type='EEG' type",
    "//*",
    "name[1]='x'",
    "document('file')",
    "(".repeat(40),
    "x".repeat(5000),
    "a='b",
  ])("query %s is refused", (text) => {
    expect(() => parseQuery(text)).toThrow(expect.objectContaining({ code: "bad-query" }));
  });

  test.each(["<info><name>x</name></info>", "not xml", "<!DOCTYPE a [<!ENTITY b 'c'>]><info/>"])(
    "%s is no stream",
    (xml) => {
      expect(() => readInfo(xml, "here")).toThrow(expect.objectContaining({ name: "DataError" }));
    },
  );
});

describe("two nodes on this machine", () => {
  test("found, asked in full, timed, and every sample read in order", async () => {
    await using outlet = await openOutlet(
      { ...eeg, channels: ["a", "b", "c", "d<&"].map((label) => ({ label, unit: "microvolts" })) },
      { interfaces },
    );
    const [found] = await resolveStreams("source_id='made-1'", { interfaces, enough: 1 });
    expect(found).toMatchObject({ ...eeg, uid: outlet.uid, dataPort: outlet.dataPort });
    const { xml } = await fullInfo(found as StreamInfo);
    expect(xml).toContain("<label>d&lt;&amp;</label><unit>microvolts</unit>");

    const measured = await measureClock("127.0.0.1", outlet.servicePort, 7);
    // Both ends are one clock: the correction is 0 within the round trip.
    expect(Math.abs(measured?.correction ?? 1)).toBeLessThanOrEqual(measured?.roundTrip ?? 0);

    const stamps: number[] = [];
    const values: number[] = [];
    await using inlet = await openInlet(
      found as StreamInfo,
      {
        onChunk: (chunk) => {
          stamps.push(...chunk.stamps);
          values.push(...chunk.values);
        },
      },
      { interfaces },
    );
    expect(inlet.info.uid).toBe(outlet.uid);
    await until(() => outlet.readers() === 1);
    for (let k = 0; k < 20; k++) {
      outlet.push(
        Float32Array.from({ length: 100 }, (_, i) => 100 * k + i),
        10 + (25 * (k + 1) - 1) / 500,
      );
    }
    await until(() => values.length === 2000);
    expect(values).toEqual(Array.from({ length: 2000 }, (_, i) => i));
    expect(stamps).toBeAllclose(
      Array.from({ length: 500 }, (_, i) => 10 + i / 500),
      { atol: 1e-9 },
    );
    expect(outlet.dropped()).toBe(0);
  });

  test.each(["float32", "double64", "int8", "int16", "int32", "int64", "string"] as const)(
    "%s goes through",
    async (format) => {
      const values = format === "string" ? ["go", "", "β"] : [1, -2, 100];
      await using outlet = await openOutlet(
        { ...eeg, format, channelCount: 3, rate: 0, sourceId: format },
        { interfaces },
      );
      const info = { ...eeg, format, channelCount: 3, rate: 0, uid: outlet.uid, address: "127.0.0.1" };
      const got: (string | number)[] = [];
      const connection = await connectStream(
        { ...info, dataPort: outlet.dataPort, servicePort: outlet.servicePort, sessionId: "default", hostname: "" },
        100,
        {
          onChunk: (chunk) => got.push(...(format === "string" ? chunk.strings : chunk.values)),
          onEnd: () => undefined,
        },
      );
      await until(() => outlet.readers() === 1);
      outlet.push(values);
      await until(() => got.length === 3);
      connection.close();
      expect(got).toEqual(values);
    },
  );

  test("a restarted device is found again by its source id, and the reset is told", async () => {
    const first = await openOutlet({ ...eeg, sourceId: "phoenix" }, { interfaces });
    const [found] = await resolveStreams("source_id='phoenix'", { interfaces, enough: 1 });
    const states: string[] = [];
    const got: number[] = [];
    await using _inlet = await openInlet(
      found as StreamInfo,
      {
        onChunk: ({ values }) => got.push(...values),
        onState: (state, { reset }) => states.push(reset ? `${state} after a reset` : state),
      },
      { interfaces },
    );
    await first.close();
    await until(() => states.includes("lost"));
    await using second = await openOutlet({ ...eeg, sourceId: "phoenix" }, { interfaces });
    await until(() => second.readers() === 1, 10);
    second.push([1, 2, 3, 4]);
    await until(() => got.length === 4);
    expect(states).toEqual(["lost", "open after a reset"]);
    expect(got).toEqual([1, 2, 3, 4]);
  });

  test("what has no source id ends when it is gone", async () => {
    const outlet = await openOutlet({ ...eeg, sourceId: "", name: "nameless" }, { interfaces });
    const [found] = await resolveStreams("name='nameless'", { interfaces, enough: 1 });
    const states: string[] = [];
    await using _inlet = await openInlet(
      found as StreamInfo,
      { onChunk: () => undefined, onState: (state, { why }) => states.push(`${state}: ${why}`) },
      { interfaces },
    );
    await outlet.close();
    await until(() => states.length > 0);
    expect(states).toEqual(["ended: it has no source id to be found again by"]);
  });
});

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
    await using outlet = await openOutlet({ ...eeg, sourceId: "fast", channelCount: 1000 }, { interfaces });
    const [found] = await resolveStreams("source_id='fast'", { interfaces, enough: 1 });
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

describe("packets in memory that is used again", () => {
  test("a packet is not written over while a reader holds it, and its memory comes back when the last lets go", () => {
    const packet = packetPool();
    const first = packet(100);
    first.hold();
    first.release();
    const second = packet(100);
    expect(second.bytes.buffer).not.toBe(first.bytes.buffer);
    first.release();
    const third = packet(50);
    expect(third.bytes.buffer).toBe(first.bytes.buffer);
    expect(third.bytes.length).toBe(50);
  });

  test("a large packet's memory is not kept", () => {
    const packet = packetPool();
    const large = packet(3 * 2 ** 20);
    large.release();
    expect(packet(100).bytes.buffer).not.toBe(large.bytes.buffer);
  });

  test("what waited for a late reader and what went to a quick one are the same values", async () => {
    const [channels, pushes, each] = [50, 200, 200];
    await using outlet = await openOutlet(
      { ...eeg, sourceId: "two", channelCount: channels, rate: 1e5 },
      { interfaces },
    );
    const [found] = await resolveStreams("source_id='two'", { interfaces, enough: 1 });
    const late = connect({ host: "127.0.0.1", port: outlet.dataPort });
    late.write(`LSL:streamfeed/110 ${outlet.uid}\r\nMax-Buffer-Length: 100000\r\n\r\n`);
    late.pause();
    let [quick, wrong] = [0, 0];
    const onChunk = ({ values }: { readonly values: ArrayLike<number> }): void => {
      for (let i = 0; i < values.length; i++) if (values[i] !== quick++ % 1e6) wrong++;
    };
    await using _ = await openInlet(found as StreamInfo, { onChunk }, { interfaces });
    await until(() => outlet.readers() === 2);
    for (let k = 0; k < pushes; k++) {
      outlet.push(Float32Array.from({ length: channels * each }, (_, i) => (k * channels * each + i) % 1e6));
      if (k % 10 === 0) await new Promise((go) => setTimeout(go, 1));
    }
    const all = channels * each * pushes;
    await until(() => quick === all);
    // The late one reads all that was kept for it, behind its header and the two patterns.
    const decoder = sampleDecoder({ format: "float32", channels, rate: 1e5, bigEndian: false, peer: "here" });
    let [opened, slow] = [Buffer.alloc(0), -2 * channels];
    late.on("data", (bytes: Buffer) => {
      let rest = bytes;
      if (slow === -2 * channels) {
        opened = Buffer.concat([opened, bytes]);
        const end = opened.indexOf("\r\n\r\n");
        if (end < 0) return;
        rest = opened.subarray(end + 4);
      }
      for (const value of decoder.push(rest).values) if (slow++ >= 0 && value !== (slow - 1) % 1e6) wrong++;
    });
    late.resume();
    await until(() => slow === all);
    expect([wrong, outlet.dropped()]).toEqual([0, 0]);
    late.destroy();
  });
});

test("the clock is the machine's monotonic one", () => {
  const [a, b] = [localClock(), localClock()];
  expect(b).toBeGreaterThanOrEqual(a);
  expect(b - a).toBeLessThan(1);
});
