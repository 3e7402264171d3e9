import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { headRecipe } from "./recipes/head/recipe.ts";
import { runHead } from "./run-head.ts";

test("an image that is not there is refused before anything is written", async () => {
  const out = await mkdtemp(join(tmpdir(), "quintet-head-"));
  await expect(runHead(join(out, "none.nii"), out)).rejects.toMatchObject({ code: "missing-file" });
  expect(await readdir(out)).toEqual([]);
  await rm(out, { recursive: true });
});

test("tissues and template wait for the brain alone; volumes do without a template", () => {
  const { recipe } = headRecipe("/t1.nii", {
    template: { places: [], option: "phantom" },
    resolution: 1,
    source: "t1.nii",
    participant: { label: "x" },
  });
  const needs = new Map(
    recipe.nodes.map(({ id, inputs }) => [
      id,
      inputs.map(({ from, optional }) => ("node" in from ? `${from.node}${optional ? "?" : ""}` : "file")),
    ]),
  );
  expect(Object.fromEntries(needs)).toEqual({
    "head-brain": ["file"],
    template: [],
    "head-normalise": ["head-brain", "template"],
    "head-bias": ["head-brain"],
    "head-tissues": ["head-brain", "head-bias"],
    "head-surfaces": ["head-tissues"],
    "head-volumes": ["head-tissues", "head-normalise?"],
  });
});
