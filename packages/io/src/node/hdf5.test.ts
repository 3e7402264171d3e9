import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Hdf5Group } from "../hdf5/hdf5-tree.ts";
import { writeHdf5 } from "./hdf5.ts";

test("equal trees give equal bytes, also a second later: a file's hash tells its content alone", async () => {
  const tree: Hdf5Group = {
    kind: "group",
    children: {
      nirs: {
        kind: "group",
        children: {
          time: { kind: "dataset", shape: [3], type: "float", data: Float64Array.of(0, 1, 2) },
          name: { kind: "dataset", shape: [], type: "string", variableLength: true, data: ["a"] },
        },
      },
    },
  };
  const first = await writeHdf5(tree);
  // HDF5's own stamps count whole seconds.
  await delay(1100);
  expect(Buffer.from(await writeHdf5(tree)).equals(Buffer.from(first))).toBe(true);
});
