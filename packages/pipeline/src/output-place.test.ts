import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkOutputFile, checkOutputFolder } from "./output-place.ts";
import { reconstructPetFile } from "./pet-recon/reconstruct-pet-file.ts";
import { reconstructSpectFile } from "./spect-recon/reconstruct-spect-file.ts";

let root = "";
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "place-"));
  writeFileSync(join(root, "file"), "x");
  mkdirSync(join(root, "folder.nii"));
  writeFileSync(join(root, "kept.nii.part"), "x");
});
afterAll(() => rmSync(root, { recursive: true }));

test("folders that are there or can be made, files old and new", async () => {
  await checkOutputFolder(join(root, "new", "below"));
  await checkOutputFile(join(root, "new", "x.nii"));
  await checkOutputFile(join(root, "file"));
});

test.each([
  ["file/x.nii.gz", "file"],
  ["file/below/x.nii", "file"],
  ["folder.nii", "folder.nii"],
  ["kept.nii", "kept.nii.part"],
])("PET and SPECT refuse %s before they read", async (out, at) => {
  const refusal = { code: "unwritable", file: join(root, at) };
  const nothing = {} as never;
  await expect(reconstructPetFile(join(root, "none.hs"), join(root, out), nothing)).rejects.toMatchObject(refusal);
  await expect(reconstructSpectFile(join(root, "none.hs"), join(root, out), nothing)).rejects.toMatchObject(refusal);
});
