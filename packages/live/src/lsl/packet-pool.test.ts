import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { eeg, interfaces, own, until } from "../../test/made-stream.ts";
import { openInlet } from "./inlet.ts";
import { openOutlet } from "./outlet.ts";
import { packetPool } from "./packet-pool.ts";
import { resolveStreams } from "./resolver.ts";
import { sampleDecoder } from "./sample-decoder.ts";
import type { StreamInfo } from "./stream-info.ts";

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
      { ...eeg, sourceId: own("two"), channelCount: channels, rate: 1e5 },
      { interfaces },
    );
    const [found] = await resolveStreams(`source_id='${own("two")}'`, { interfaces, enough: 1 });
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
