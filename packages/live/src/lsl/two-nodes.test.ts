import { describe, expect, test } from "vitest";
import { eeg, interfaces, own, until } from "../../test/made-stream.ts";
import { measureClock } from "./clock-exchange.ts";
import { connectStream, fullInfo } from "./connection.ts";
import { openInlet } from "./inlet.ts";
import { openOutlet } from "./outlet.ts";
import { resolveStreams } from "./resolver.ts";
import type { StreamInfo } from "./stream-info.ts";

describe("two nodes on this machine", () => {
  test("found, asked in full, timed, and every sample read in order", async () => {
    await using outlet = await openOutlet(
      { ...eeg, channels: ["a", "b", "c", "d<&"].map((label) => ({ label, unit: "microvolts" })) },
      { interfaces },
    );
    const [found] = await resolveStreams(`source_id='${eeg.sourceId}'`, { interfaces, enough: 1 });
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
    const first = await openOutlet({ ...eeg, sourceId: own("phoenix") }, { interfaces });
    const [found] = await resolveStreams(`source_id='${own("phoenix")}'`, { interfaces, enough: 1 });
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
    await using second = await openOutlet({ ...eeg, sourceId: own("phoenix") }, { interfaces });
    await until(() => second.readers() === 1, 10);
    second.push([1, 2, 3, 4]);
    await until(() => got.length === 4);
    expect(states).toEqual(["lost", "open after a reset"]);
    expect(got).toEqual([1, 2, 3, 4]);
  });

  test("what has no source id ends when it is gone", async () => {
    const outlet = await openOutlet({ ...eeg, sourceId: "", name: own("nameless") }, { interfaces });
    const [found] = await resolveStreams(`name='${own("nameless")}'`, { interfaces, enough: 1 });
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
