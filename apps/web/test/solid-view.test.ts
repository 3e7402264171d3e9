/** The 3D pane in a real browser: sides, places and what hides what, against projections by hand. */
import type { Point } from "@quintet/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Session } from "../src/session.ts";
import { drawn, moveTo, readAt, readoutOf, show, timeTo } from "./page-desk.ts";
import { ids, openPhantomDesk, type PhantomDesk, truth } from "./phantom-desk.ts";
import { markers, sensitivity } from "./phantom-study.ts";

let desk: PhantomDesk;
beforeAll(async () => {
  desk = await openPhantomDesk();
}, 60_000);
afterAll(() => desk?.[Symbol.asyncDispose]());

describe("in 3D", () => {
  /** What is lit in the 3D pane with nothing but the two markers in it: mm from the pane's middle, to the right and upwards. */
  function lit(yaw: number, pitch: number): Promise<{ right: number; up: number; top: number; count: number }[]> {
    return desk.page.evaluate(
      ([turn, lift]) => {
        const session = (globalThis as unknown as { quintet: Session }).quintet;
        const layers = Object.entries(session.store.get().layers).map(([id, layer]) => [
          id,
          { ...layer, visible: false },
        ]);
        const bare = { planes3d: false, sensors: false, sources: false, zoom3d: 1 };
        session.store.set({ ...bare, layers: Object.fromEntries(layers), yaw: turn, pitch: lift });
        session.drawNow(true);
        const { gl } = session.stage as NonNullable<Session["stage"]>;
        const { panes, height, ratio, side } = session.picture();
        const pane = panes.find(({ kind }) => kind === "3d") as (typeof panes)[number];
        const [w, h] = [pane.width * ratio, pane.height * ratio];
        const data = new Uint8Array(4 * w * h);
        gl.readPixels(pane.x * ratio, (height - pane.y - pane.height) * ratio, w, h, gl.RGBA, gl.UNSIGNED_BYTE, data);
        // The field's longest side takes 1 / 1.12 of the pane's shorter one.
        const mm = (1.12 * side) / Math.min(w, h);
        const of = (from: number, to: number): { right: number; up: number; top: number; count: number } => {
          let [right, up, count, top] = [0, 0, 0, Number.NEGATIVE_INFINITY];
          for (let y = 0; y < h; y++)
            for (let x = from; x < to; x++) {
              if ((data[4 * (y * w + x)] as number) < 20) continue;
              right += (x + 0.5 - w / 2) * mm;
              up += (y + 0.5 - h / 2) * mm;
              top = Math.max(top, (y + 1 - h / 2) * mm);
              count++;
            }
          return { right: right / count, up: up / count, top, count: count * mm * mm };
        };
        return [of(0, Math.floor(w / 2)), of(Math.ceil(w / 2), w)];
      },
      [yaw, pitch] as const,
    );
  }

  /** Middle of the phantom's box, mm: what the 3D pane looks at. */
  const middle: Point = [0, -2, 0];
  const { left, right } = markers;
  const from = (p: Point, k: 0 | 1 | 2): number => p[k] - middle[k];

  test.each([
    // By hand: from the front the patient's left is on the right, up is up; from behind left is left; from above (eye tilted over
    // from behind) the nose is up.
    ["the front", 0, 0, { onLeft: right, onRight: left, at: (p: Point) => [-from(p, 0), from(p, 2)] }],
    ["behind", 180, 0, { onLeft: left, onRight: right, at: (p: Point) => [from(p, 0), from(p, 2)] }],
    ["above", 180, 90, { onLeft: left, onRight: right, at: (p: Point) => [from(p, 0), from(p, 1)] }],
  ] as const)(
    "from %s both markers lie where the projection by hand says, each on its side",
    async (_, yaw, pitch, by) => {
      await drawn(desk.page);
      const found = await lit(yaw, pitch);
      for (const [k, marker] of [by.onLeft, by.onRight].entries()) {
        const { right: x, up: y, top, count } = found[k] as (typeof found)[number];
        const [wantX = 0, wantY = 0] = by.at(marker.centre);
        // A pixel is 0.7 mm; the middle of a symmetric figure is known to a part of one, its tip to two.
        expect(Math.hypot(x - wantX, y - wantY)).toBeLessThan(0.7);
        expect(Math.abs(top - (wantY + marker.radius))).toBeLessThan(1.5);
        // A square on its corner, of the octahedron's radius.
        expect(Math.abs(count / (2 * marker.radius ** 2) - 1)).toBeLessThan(0.2);
      }
    },
  );

  test("from the patient's left the left marker hides the right one, the nose to the left", async () => {
    const [ahead, behind] = await lit(90, 0);
    // Both lie 32 mm before the middle: on the left half alone, at one place, with the area of the larger.
    expect([behind?.count, Math.abs((ahead?.right ?? 0) + 32) < 0.7]).toEqual([0, true]);
    expect(Math.abs((ahead?.count ?? 0) / (2 * left.radius ** 2) - 1)).toBeLessThan(0.2);
  });

  test("a map of sensitivity is a layer: its value at the crosshair is the file's", async () => {
    const { page } = desk;
    const place: Point = [-38, 6, 30];
    await show(page, ids.t1, true);
    await show(page, ids.light, true);
    await moveTo(page, place);
    await timeTo(page, 3700);
    await readAt(page, place, 3700);
    const want = truth(sensitivity, 0, place);
    expect(want).toBeGreaterThan(0.5);
    expect(Math.abs((await readoutOf(page, ids.light)) / want - 1)).toBeLessThan(1e-6);
    expect(await page.textContent(`tr[data-volume="${ids.light}"] td:nth-child(3)`)).toBe("sensitivity");
    await show(page, ids.light, false);
  });

  test("no error was logged", () => {
    expect(desk.faults).toEqual([]);
  });
});
