/** The page of the phantom study in a browser of its own, and what its files say by the definition. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Point, Volume } from "@quintet/core";
import { apply, invert } from "@quintet/core";
import type { Browser } from "playwright-core";
import { expect } from "vitest";
import { openBrowser } from "../../../testing/browser.ts";
import { drawn, openDesk, type PageDesk } from "./page-desk.ts";
import { writePhantomStudy } from "./phantom-study.ts";

export interface PhantomDesk extends PageDesk {
  /** Holds the study as `study`; other studies may be written beside it. */
  readonly folder: string;
  readonly browser: Browser;
}

export async function openPhantomDesk(): Promise<PhantomDesk> {
  const folder = await mkdtemp(join(tmpdir(), "quintet-page-"));
  await writePhantomStudy(join(folder, "study"));
  const found = await openBrowser();
  const desk = await openDesk(found.browser, join(folder, "study"));
  await drawn(desk.page);
  return {
    ...desk,
    folder,
    browser: found.browser,
    async [Symbol.asyncDispose]() {
      await desk[Symbol.asyncDispose]();
      await found[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export const ids = {
  t1: "sub-01_desc-preproc_T1w",
  suvr: "sub-01_space-T1w_desc-SUVR_pet",
  pet: "raw-sub-01_trc-FDG_pet",
  light: "sub-01_desc-sensitivity_nirs",
};

/** Trilinear value by the definition, from the file: inside the grid only. */
export function truth(volume: Volume, frame: number, p: Point): number {
  const [nx, ny, nz] = volume.shape;
  const v = apply(invert(volume.affine), p);
  let sum = 0;
  for (const dz of [0, 1])
    for (const dy of [0, 1])
      for (const dx of [0, 1]) {
        const [x, y, z] = [Math.floor(v[0]) + dx, Math.floor(v[1]) + dy, Math.floor(v[2]) + dz];
        const weight = (1 - Math.abs(v[0] - x)) * (1 - Math.abs(v[1] - y)) * (1 - Math.abs(v[2] - z));
        if (weight > 0) sum += weight * (volume.data[((frame * nz + z) * ny + y) * nx + x] as number);
      }
  return sum;
}

/** A machine that does something else meanwhile may take its time; the answer must come all the same. */
export const soon = <T>(look: () => T): ReturnType<typeof expect.poll<T>> => expect.poll(look, { timeout: 30_000 });
