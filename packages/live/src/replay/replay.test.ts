import { expect, test } from "vitest";
import { interfaces, own, until } from "../../test/made-stream.ts";
import { openInlet } from "../lsl/inlet.ts";
import { resolveStreams } from "../lsl/resolver.ts";
import { replay } from "./replay.ts";

const description = {
  name: "old",
  type: "EEG",
  channelCount: 1,
  format: "float32",
  rate: 100,
  sourceId: own("replayed"),
} as const;

test("a recording is heard again, every sample once and with its spacing", async () => {
  const stamps = Float64Array.from({ length: 100 }, (_, i) => 1e6 + i / 100);
  const got: { stamps: number[]; values: number[] } = { stamps: [], values: [] };
  const playing = replay(
    [{ description, stamps, values: (first, end) => Float32Array.from({ length: end - first }, (_, i) => first + i) }],
    {
      interfaces,
      speed: 2,
      waitForReaders: 10,
    },
  );
  const [found] = await resolveStreams(`source_id='${description.sourceId}'`, { interfaces, enough: 1, timeout: 5 });
  await using _inlet = await openInlet(found as NonNullable<typeof found>, {
    onChunk(chunk) {
      got.stamps.push(...chunk.stamps);
      got.values.push(...chunk.values);
    },
  });
  expect(await playing).toEqual({ samples: [100], dropped: 0 });
  // Sent whole, they may still be on their way in.
  await until(() => got.values.length === 100);
  expect(got.values).toEqual([...Array(100).keys()]);
  const first = got.stamps[0] as number;
  expect(got.stamps.map((t) => t - first)).toBeAllclose(
    Array.from({ length: 100 }, (_, i) => i / 200),
    { atol: 1e-6 },
  );
});

test.each([
  ["nothing-to-replay", []],
  ["not-ascending", [2, 1]],
])("%s", async (code, stamps) => {
  const stream = { description, stamps: Float64Array.from(stamps), values: () => [] };
  await expect(replay([stream], { interfaces })).rejects.toThrow(expect.objectContaining({ code }));
});
