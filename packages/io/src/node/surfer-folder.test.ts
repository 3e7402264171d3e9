import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readSurface } from "./surfaces.ts";
import { readSurferOutput } from "./surfer-folder.ts";

const fixtures = fileURLToPath(new URL("../../../../fixtures/surfaces/", import.meta.url));
let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "quintet-surfer-"));
  for (const folder of ["mri", "surf"]) await mkdir(join(root, folder));
  await copyFile(`${fixtures}uint8.mgz`, join(root, "mri/aseg.mgz"));
  for (const name of ["lh.white", "lh.pial"]) await copyFile(`${fixtures}lh.octahedron`, join(root, "surf", name));
});
afterAll(() => rm(root, { recursive: true, force: true }));

test("a subject's folder: labels with FreeSurfer's names, the cortex half way between white and pial", async () => {
  const { file, regions, cortex } = await readSurferOutput(root, { space: "subject:T1w" });
  expect(file).toBe(join(root, "mri/aseg.mgz"));
  expect(regions.names.get(17)).toBe("Left-Hippocampus");
  expect([...cortex.keys()]).toEqual(["left"]);
  expect(cortex.get("left")?.vertices).toEqual((await readSurface(`${fixtures}lh.octahedron`)).vertices);
  expect(cortex.get("left")?.space).toBe("subject:T1w");
});

test("one label image; a folder without any is refused with what was looked for", async () => {
  expect((await readSurferOutput(join(root, "mri/aseg.mgz"))).cortex.size).toBe(0);
  await expect(readSurferOutput(join(root, "surf"))).rejects.toThrow(/aparc\+aseg\.mgz/);
  await expect(readSurferOutput(join(root, "none"))).rejects.toThrow(expect.objectContaining({ code: "not-found" }));
});
