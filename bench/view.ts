/**
 * `npm run bench -- view [--peer FOLDER] [--study STUDY [--command QUINTET.JS]] [--part gestures|time|study|peer]`: milliseconds of the workstation's gestures, drawn in software, on a canvas of
 * 1200 x 900: crosshair, window and opacity steps over one to five layers of a 256^3 head, at full and at half resolution;
 * a time scrub over all views (p95); 128 channels x 30 s of traces; first picture; memory. Each figure runs from the change of the
 * state to pixels that were read back, the 3D pane with its cuts and the panels' text included. `--peer` is a folder that holds an installed @niivue/niivue: the same volumes and gestures there.
 * `--study` is a study (of `quintet demo`) whose first picture is timed, opened by the sources or by the bundle given with `--command`.
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Page } from "playwright-core";
import type { Session } from "../apps/web/src/session.ts";
import { median, printLine } from "../testing/bench-line.ts";
import { openBrowser } from "../testing/browser.ts";
import { firstPictures } from "./view-first.ts";
import { benchPeer, gestureNames } from "./view-peer.ts";
import { madeScene, madeWindow } from "./view-scene.ts";

const built = join(import.meta.dirname, "..", "apps", "web", "dist");

/** The page and the made scene; nothing is guarded here, nothing of a person is in it. */
export async function serveMade(): Promise<{ readonly port: number; close(): void }> {
  const { scene, bytes } = madeScene();
  const files = new Map<string, Uint8Array>(
    await Promise.all(
      ["index.html", "app.js", "frame-worker.js", "style.css"].map(
        async (name) => [`/${name}`, await readFile(join(built, name))] as const,
      ),
    ),
  );
  const types: Record<string, string> = { html: "text/html", js: "text/javascript", css: "text/css" };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const path = url.pathname === "/" ? "/index.html" : url.pathname;
    const file = files.get(path);
    if (file) {
      response.setHeader("content-type", types[path.split(".").at(-1) ?? ""] ?? "text/plain");
      return void response.end(file);
    }
    if (path === "/api/scene") return void response.end(JSON.stringify(scene));
    if (path.startsWith("/api/recording/")) return void response.end(madeWindow(url.searchParams));
    if (path.startsWith("/api/events/")) return void response.end('{"version":"1","events":[],"undo":0,"redo":0}');
    const volume = bytes.get(path.replace("/api/volume/", "").replace(/\.nii$/, ""));
    if (!volume) {
      response.statusCode = 404;
      return void response.end('{"error":"there is nothing here","code":"not-found"}');
    }
    const range = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? "");
    response.end(range ? volume.subarray(Number(range[1]), Number(range[2]) + 1) : volume);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  return { port, close: () => server.close() };
}

const parts = ["gestures", "time", "study", "peer"] as const;

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      peer: { type: "string" },
      study: { type: "string" },
      command: { type: "string" },
      part: { type: "string", multiple: true },
    },
  });
  const wanted = new Set(values.part ?? parts);
  await using found = await openBrowser();
  console.error(found.name);
  if (wanted.has("gestures") || wanted.has("time")) await ownPage(found.browser, wanted);
  if (values.study && wanted.has("study"))
    for (const { what, address, images, whole } of await firstPictures(found.browser, values.study, values.command)) {
      line(`a study's images are shown, ${what}`, images);
      line(`its surfaces and traces too, ${what}`, whole);
      line(`command to address, ${what}`, address);
    }
  if (values.peer !== undefined && wanted.has("peer")) await besidePeer(found.browser, values.peer);
}

/** Two layers, full frames: ours with the 3D pane and all panels about it, the peer's three cuts alone. */
async function besidePeer(browser: Browser, folder: string): Promise<void> {
  const made = await madePage(browser);
  const own: number[] = [];
  for (const gesture of gestureNames) own.push(median((await gestures(made.page, gesture, 2, false)).steps));
  await made.close();
  const { name, load, steps } = await benchPeer(browser, folder);
  for (const [i, gesture] of gestureNames.entries()) {
    const [ours, peer] = [own[i] as number, steps[gesture]];
    line(`${gesture} step, 2 layers, full frame`, ours, "ms", { peer, peer_name: name, ratio: peer / ours });
  }
  // Ours is the whole page's, with the scene of five images; two of them are shown.
  line("first picture, load included", made.shown, "ms", { peer: load, peer_name: name, ratio: load / made.shown });
}

type Browser = Awaited<ReturnType<typeof openBrowser>>["browser"];

/** The made scene in a page whose stage has the size that is measured; panels stand beside and below it. */
async function madePage(
  browser: Browser,
): Promise<{ readonly page: Page; readonly shown: number; close(): Promise<void> }> {
  const made = await serveMade();
  const page = await browser.newPage({ viewport: { width: 1572, height: 1340 } });
  const begun = performance.now();
  await page.goto(`http://127.0.0.1:${made.port}/`);
  await page.addStyleTag({
    content: ".stage{width:1200px;height:900px} .desk{grid-template-rows:auto 900px 1fr !important}",
  });
  await ready(page);
  return {
    page,
    shown: performance.now() - begun,
    async close() {
      await page.close();
      made.close();
    },
  };
}

async function ownPage(browser: Browser, wanted: ReadonlySet<string>): Promise<void> {
  const made = await madePage(browser);
  const { page } = made;
  try {
    for (const layers of wanted.has("gestures") ? [2, 5] : [])
      for (const gesture of ["crosshair", "window", "opacity"] as const) {
        const before = await processorTime(browser);
        const { steps: full } = await gestures(page, gesture, layers, false);
        const between = await processorTime(browser);
        const { steps: half, settled } = await gestures(page, gesture, layers, true);
        const after = await processorTime(browser);
        line(`${gesture} step, ${layers} layers, full frame`, median(full));
        line(`${gesture} step, ${layers} layers, full frame, processor time`, (between - before) / stepsTaken);
        line(`${gesture} step, ${layers} layers, while a pointer drags`, median(half));
        line(
          `${gesture} step, ${layers} layers, while a pointer drags, processor time`,
          (after - between) / stepsTaken,
        );
        line(`${gesture}, ${layers} layers, last step of a drag to the full frame`, settled);
      }
    if (wanted.has("time")) {
      for (const how of Object.keys(scrubKinds) as (keyof typeof scrubKinds)[]) {
        if (how !== "clicked onwards, just opened") await filled(page);
        const scrub = (await scrubs(page, how)).sort((a, b) => a - b);
        line(`time scrub over all views, ${how}, p95`, scrub[Math.floor(0.95 * scrub.length)] as number);
        line(`time scrub over all views, ${how}, median`, median(scrub));
      }
      line("traces, 128 channels x 30 s, one redraw", median(await traces(page)));
      line("JavaScript heap and textures, all five", await memory(page), "MB");
    }
  } finally {
    await made.close();
  }
}

/** Steps of a gesture, the first of which is not timed: it compiles what the stack of layers needs. */
const stepsTaken = 21;

/** ms that all processes of the browser have run for: a figure that other work on the machine moves little. */
async function processorTime(browser: Browser): Promise<number> {
  const tools = await browser.newBrowserCDPSession();
  const { processInfo } = await tools.send("SystemInfo.getProcessInfo");
  await tools.detach();
  return 1000 * processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

interface Beside {
  readonly peer: number;
  readonly peer_name: string;
  readonly ratio: number;
}

function line(what: string, ours: number, unit = "ms", beside?: Beside): void {
  const round = (value: number): number => Number(value.toFixed(1));
  printLine({
    bench: "view",
    case: what,
    ours: round(ours),
    unit,
    peer: beside ? round(beside.peer) : null,
    peer_name: beside?.peer_name ?? null,
    ratio: beside ? round(beside.ratio) : null,
    error: null,
    threads: 1,
  });
}

const ready = (page: Page): Promise<unknown> =>
  page.waitForFunction(
    () => document.querySelector<HTMLElement>("#stage")?.dataset.state === "drawn" && globalThis.quintet,
    null,
    {
      timeout: 120_000,
    },
  );

function gestures(
  page: Page,
  gesture: "crosshair" | "window" | "opacity",
  layers: number,
  half: boolean,
): Promise<{ readonly steps: number[]; readonly settled: number }> {
  return page.evaluate(
    async ([what, count, coarse, steps]): Promise<{ steps: number[]; settled: number }> => {
      const session = globalThis.quintet as Session;
      const { store, stage } = session;
      if (!stage) return { steps: [], settled: Number.NaN };
      const ids = ["t1", "pet", "spect", "bold", "source"];
      const all = { ...store.get().layers };
      for (const [i, id] of ids.entries()) {
        const layer = all[id];
        if (layer) all[id] = { ...layer, visible: i < count };
      }
      const current = ids[count - 1] as string;
      store.set({ layers: all, current });
      session.drawNow(true);
      const times: number[] = [];
      for (let k = 0; k < steps; k++) {
        const before = performance.now();
        const layer = store.get().layers[current];
        if (!layer) break;
        if (what === "crosshair") store.set({ position: [k * 3 - 30, k * 2 - 20, 25 - k * 2] });
        else {
          const change =
            what === "window"
              ? { range: [layer.range[0], layer.range[1] * 1.01] as const }
              : { opacity: 0.3 + 0.02 * k };
          store.set({ layers: { ...store.get().layers, [current]: { ...layer, ...change } } });
        }
        if (coarse) {
          session.dragging = true;
          session.drawNow();
          stage.finish();
        } else session.drawNow(true);
        // What React does about it is part of the step.
        await new Promise((done) => setTimeout(done));
        if (k > 0) times.push(performance.now() - before);
      }
      const last = performance.now();
      while (coarse && stage.element.dataset.state !== "drawn")
        await new Promise((done) => requestAnimationFrame(done));
      stage.finish();
      const settled = performance.now() - last;
      session.dragging = false;
      return { steps: times, settled };
    },
    [gesture, layers, half, stepsTaken] as const,
  );
}

/** How the time cursor moves, one call of `scrubs` after another. */
const scrubKinds = {
  "clicked onwards, just opened": { at: (k: number) => 20 + k * 4, dragging: false },
  // The other way round, beyond what was just seen.
  dragged: { at: (k: number) => 580 - k * 4, dragging: true },
  // Anywhere: every frame is another one.
  "clicked anywhere": { at: (k: number) => (k * 233 + 7) % 600, dragging: false },
} as const;

/** Through time: BOLD and PET frames, tracks, traces and readout follow; frames come from the server when first seen. */
function scrubs(page: Page, kind: keyof typeof scrubKinds): Promise<number[]> {
  const { at, dragging } = scrubKinds[kind];
  return page.evaluate(
    async ([moments, drags]) => {
      const session = globalThis.quintet as Session;
      const all = Object.entries(session.store.get().layers).map(([id, layer]) => [id, { ...layer, visible: true }]);
      session.store.set({ layers: Object.fromEntries(all) });
      session.drawNow(true);
      // Layers that were switched on just now, and what the graphics compile for them, are no part of a scrub.
      while (session.stage?.element.dataset.state !== "drawn") await new Promise((done) => setTimeout(done, 20));
      session.drawNow(true);
      const times: number[] = [];
      for (const time of moments) {
        const before = performance.now();
        session.dragging = drags;
        session.scrub(time);
        const frames = (): boolean =>
          session.scene.volumes.every(
            (v) => v.frames.length < 2 || session.stage?.hasFrame(v.id, Math.floor(time / (600 / v.frames.length))),
          );
        while (!frames()) await new Promise((done) => setTimeout(done));
        session.drawNow(!drags);
        session.stage?.finish();
        await new Promise((done) => setTimeout(done));
        times.push(performance.now() - before);
      }
      session.dragging = false;
      return times;
    },
    [Array.from({ length: 60 }, (_, k) => at(k)), dragging] as const,
  );
}

/** Frames are fetched ahead while nothing is asked for: a few seconds after a study is opened all are there. */
function filled(page: Page): Promise<void> {
  return page.evaluate(async () => {
    const { volumes } = globalThis.quintet as Session;
    for (let before = -1; before !== volumes.bytes; ) {
      before = volumes.bytes;
      await new Promise((done) => setTimeout(done, 500));
    }
  });
}

function traces(page: Page): Promise<number[]> {
  return page.evaluate(async () => {
    const session = globalThis.quintet as Session;
    session.changeTraces("eeg", { seconds: 30 });
    await new Promise((done) => setTimeout(done, 1500));
    const canvas = document.querySelector<HTMLCanvasElement>("#traces");
    const pen = canvas?.getContext("2d");
    if (!canvas || !pen) return [];
    const times: number[] = [];
    const put = CanvasRenderingContext2D.prototype.putImageData;
    for (let k = 0; k < 15; k++) {
      let drawn = 0;
      CanvasRenderingContext2D.prototype.putImageData = function (
        this: CanvasRenderingContext2D,
        ...given: Parameters<typeof put>
      ) {
        put.apply(this, given);
        if (this.canvas === canvas) drawn = performance.now();
      } as typeof put;
      const before = performance.now();
      session.changeTraces("eeg", { gain: 1.01 + 0.01 * k });
      while (!drawn) await new Promise((done) => setTimeout(done));
      await new Promise((done) => setTimeout(done));
      times.push(performance.now() - before);
    }
    CanvasRenderingContext2D.prototype.putImageData = put;
    return times;
  });
}

async function memory(page: Page): Promise<number> {
  const tools = await page.context().newCDPSession(page);
  await tools.send("HeapProfiler.collectGarbage");
  const { metrics } = await tools.send("Performance.enable").then(() => tools.send("Performance.getMetrics"));
  const heap = metrics.find(({ name }) => name === "JSHeapUsedSize")?.value ?? 0;
  const held = await page.evaluate(() => {
    const session = globalThis.quintet as Session;
    return (session.stage?.bytes ?? 0) + session.volumes.bytes;
  });
  return (heap + held) / 1e6;
}
