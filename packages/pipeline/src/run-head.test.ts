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
    "head-nuclei": ["head-tissues", "head-normalise?"],
    "head-surfaces": ["head-tissues"],
    "head-parts": ["head-tissues", "head-normalise?"],
    "head-cortex-left": ["head-parts"],
    "head-cortex-right": ["head-parts"],
    "head-volumes": ["head-nuclei", "head-normalise?"],
  });
});

test("imported labels stand between our own tissues and all that is made of them", () => {
  const { recipe } = headRecipe("/t1.nii", {
    template: { places: [], option: "phantom" },
    resolution: 2,
    source: "t1.nii",
    participant: { label: "x" },
    labels: "/aseg.mgz",
  });
  const from = (name: string): unknown =>
    recipe.nodes.find(({ id }) => id === name)?.inputs.map(({ from: at }) => ("node" in at ? at.node : "file"));
  expect(from("head-regions")).toEqual(["head-tissues", "file"]);
  expect(from("head-surfaces")).toEqual(["head-regions"]);
  expect(from("head-volumes")).toEqual(["head-regions", "head-normalise"]);
  expect(from("head-parts")).toEqual(["head-regions", "head-normalise"]);
});

test("a cortex from white and pial, or a surface of the user's, takes the place of our own", () => {
  const { recipe } = headRecipe("/t1.nii", {
    template: { places: [], option: "phantom" },
    resolution: 2,
    source: "t1.nii",
    participant: { label: "x" },
    cortex: new Map([
      ["left", { white: "/lh.white", pial: "/lh.pial" }],
      ["right", { surface: "/right.gii" }],
    ] as const),
  });
  const node = (name: string): readonly string[] => {
    const found = recipe.nodes.find(({ id }) => id === name);
    return [found?.step ?? "", ...(found?.inputs ?? []).map(({ from }) => ("node" in from ? from.node : from.file))];
  };
  expect(node("head-cortex-left")).toEqual(["head-cortex-imported", "head-parts", "/lh.white", "/lh.pial"]);
  expect(node("head-cortex-right")).toEqual(["head-cortex-imported", "head-parts", "/right.gii"]);
});
