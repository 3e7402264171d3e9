/** The same volumes and gestures in NiiVue, from a folder where it is installed; never part of the project. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import type { Volume } from "@quintet/core";
import { writeNifti } from "@quintet/io";
import type { Browser } from "playwright-core";
import { median } from "../testing/bench-line.ts";
import { madeScene } from "./view-scene.ts";

export const gestureNames = ["crosshair", "window", "opacity"] as const;

export interface PeerTimes {
  /** Name and version. */
  readonly name: string;
  /** ms from the address of the images to the first complete picture. */
  readonly load: number;
  /** Median ms of a step. */
  readonly steps: Readonly<Record<(typeof gestureNames)[number], number>>;
}

/** @param folder holds node_modules/@niivue/niivue, or is its package */
export async function benchPeer(browser: Browser, folder: string): Promise<PeerTimes> {
  const home = [join(folder, "node_modules/@niivue/niivue"), folder].find((path) =>
    existsSync(join(path, "package.json")),
  );
  if (!home) throw new Error(`${folder} holds no @niivue/niivue`);
  const { scene, bytes } = madeScene();
  const images = new Map<string, Uint8Array>(
    ["t1", "pet"].map((id) => {
      const volume = scene.volumes.find((v) => v.id === id);
      const held = bytes.get(id);
      if (!volume || !held) throw new Error(id);
      const [nx, ny, nz] = volume.shape;
      const image: Volume = {
        unit: "{arbitrary}",
        shape: volume.shape,
        affine: Float64Array.from(volume.affine),
        space: "made",
        frames: [{ start: 0, duration: 0 }],
        clock: "image",
        data: new Float32Array(held.buffer, 0, nx * ny * nz),
      };
      return [`/${id}.nii`, writeNifti(image)] as const;
    }),
  );
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://127.0.0.1").pathname;
    const image = images.get(path);
    if (path === "/")
      return void response.setHeader("content-type", "text/html").end("<canvas id=c width=1200 height=900></canvas>");
    if (image) return void response.end(image);
    readFile(join(home, path)).then(
      (file) => response.setHeader("content-type", "text/javascript").end(file),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  const page = await browser.newPage({ viewport: { width: 1300, height: 1000 } });
  try {
    await page.goto(`http://127.0.0.1:${port}/`);
    const entry = ["dist/index.js", "dist/niivue.js", "build/index.js"].find((path) => existsSync(join(home, path)));
    const times = await page.evaluate(async (module) => {
      const { Niivue } = await import(`/${module}`);
      const viewer = new Niivue({ show3Dcrosshair: false, isColorbar: false });
      await viewer.attachTo("c");
      const begun = performance.now();
      await viewer.loadVolumes([{ url: "/t1.nii" }, { url: "/pet.nii", colormap: "inferno", opacity: 0.6 }]);
      viewer.setSliceType(viewer.sliceTypeMultiplanar);
      if (viewer.opts) viewer.opts.multiplanarShowRender = 0;
      const { gl } = viewer;
      viewer.drawScene();
      gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
      const load = performance.now() - begun;
      const measure = (act: (k: number) => void, runs: number): number[] => {
        const found: number[] = [];
        for (let k = 0; k <= runs; k++) {
          const before = performance.now();
          act(k);
          viewer.drawScene();
          gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
          if (k > 0) found.push(performance.now() - before);
        }
        return found;
      };
      // A change of window or opacity bakes its overlay anew, for seconds in software: three of them are enough.
      return {
        load,
        crosshair: measure((k) => {
          viewer.scene.crosshairPos = [0.4 + 0.01 * k, 0.4 + 0.01 * k, 0.6 - 0.01 * k];
        }, 10),
        window: measure((k) => {
          viewer.volumes[1].cal_max = 20 + k;
          viewer.updateGLVolume();
        }, 2),
        opacity: measure((k) => viewer.setOpacity(1, 0.3 + 0.05 * k), 2),
      };
    }, entry);
    const { version } = JSON.parse(await readFile(join(home, "package.json"), "utf8")) as { version: string };
    const { crosshair, window, opacity } = times;
    return {
      name: `NiiVue ${version}`,
      load: times.load,
      steps: { crosshair: median(crosshair), window: median(window), opacity: median(opacity) },
    };
  } finally {
    await page.close();
    server.close();
  }
}
