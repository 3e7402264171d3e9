import { apply, identityAffine, toVoxel } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { expect, test } from "vitest";
import { phantomHead } from "../head/phantom-head.ts";
import { boldRun } from "./bold.ts";

test("each hand is answered on the other side, with the events on the run's clock and every slice at its own time", async () => {
  await loadKernels();
  const head = phantomHead({ seed: 2, resolution: 4, space: "subject:T1w" });
  const pose = { from: "subject:T1w", to: "scanner:bold", matrix: identityAffine() };
  const { image, events, sliceTimes, truth, repetitionTime } = boldRun(head, seededRandom(5), { pose, volumes: 48 });
  expect(image.frames).toHaveLength(48);
  expect(events.clock).toBe(image.clock);
  expect([...sliceTimes].sort((a, b) => a - b)[0]).toBe(0);
  expect(new Set(sliceTimes).size).toBe(image.shape[2]);
  const [nx, ny, nz] = image.shape;
  const mean = (side: "left" | "right", hand: string): number => {
    const at = toVoxel(image, apply(pose.matrix, truth.handArea[side])).map(Math.round) as [number, number, number];
    const own = events.list.filter(({ type }) => type === hand);
    const active = image.frames.flatMap(({ start }, t) =>
      // 5 to 12 s after the start of a block the response is near its peak.
      own.some(({ onset }) => start - onset > 5 && start - onset < 12) ? [t] : [],
    );
    let sum = 0;
    for (const t of active)
      for (let k = -1; k <= 1; k++)
        for (let j = -1; j <= 1; j++)
          for (let i = -1; i <= 1; i++)
            sum += image.data[t * nx * ny * nz + at[0] + i + nx * (at[1] + j + ny * (at[2] + k))] as number;
    return sum / active.length;
  };
  expect(mean("left", "right-hand")).toBeGreaterThan(1.003 * mean("left", "left-hand"));
  expect(mean("right", "left-hand")).toBeGreaterThan(1.003 * mean("right", "right-hand"));
  expect(repetitionTime).toBe(2);
  // The same seed gives the same head in the same places.
  expect(truth.motion[47]).toEqual(boldRun(head, seededRandom(5), { pose, volumes: 48 }).truth.motion[47]);
});
