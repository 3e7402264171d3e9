import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { add, readNumber, scale, toySteps } from "../../test/toy-steps.ts";
import { Cache } from "./cache.ts";
import { Recipe } from "./graph.ts";
import { type Engine, inlineEngine, workerEngine } from "./local.ts";
import { runRecipe } from "./run.ts";
import { SourceHashes } from "./source-hash.ts";

let folder: string;
let cache: Cache;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quintet-run-"));
  writeFileSync(join(folder, "x.txt"), "7");
  cache = new Cache(join(folder, "cache"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function recipe(factor: number, other = 3): Recipe {
  const r = new Recipe();
  const x = r.add("x", readNumber, {}, { file: { file: join(folder, "x.txt") } });
  const a = r.add("a", scale, { by: factor }, { x });
  const b = r.add("b", scale, { by: other }, { x });
  r.add("sum", add, {}, { a, b }, ["b"]);
  return r;
}

async function run(r: Recipe, engine: Engine = inlineEngine(toySteps, cache)) {
  const hashes = new SourceHashes(join(folder, "hashes.json"));
  const records = await runRecipe(r, { cache, hashes, engine });
  const states = Object.fromEntries([...records].map(([id, record]) => [id, record.state.kind]));
  const last = records.get("sum")?.state;
  const value = last && "key" in last ? ((await cache.read(last.key)) as { sum: number; missing?: string }) : undefined;
  return { states, value, records };
}

describe("runRecipe", () => {
  test("7 x 2 + 7 x 3 = 35, and typed arrays survive", async () => {
    const { states, value } = await run(recipe(2));
    expect(states).toEqual({ x: "ran", a: "ran", b: "ran", sum: "ran" });
    expect(value).toEqual({ sum: 35, raw: Float32Array.of(14, 21) });
  });

  test("a second run runs nothing; a changed parameter reruns only what depends on it", async () => {
    await run(recipe(2));
    expect((await run(recipe(2))).states).toEqual({ x: "cached", a: "cached", b: "cached", sum: "cached" });
    expect((await run(recipe(4))).states).toEqual({ x: "cached", a: "ran", b: "cached", sum: "ran" });
  });

  test("a changed input file reruns what read it", async () => {
    await run(recipe(2));
    writeFileSync(join(folder, "x.txt"), "70");
    const again = await run(recipe(2));
    expect(again.states.x).toBe("ran");
    expect(again.value?.sum).toBe(350);
  });

  test("a failing optional input is told, a failing required one skips what needs it", async () => {
    const optional = await run(recipe(2, 0));
    expect(optional.states).toEqual({ x: "ran", a: "ran", b: "failed", sum: "ran" });
    expect(optional.value).toMatchObject({ sum: 14, missing: "cannot scale by 0" });
    const required = await run(recipe(0));
    expect(required.states).toMatchObject({ a: "failed", sum: "skipped" });
  });

  test("a missing file fails its node and the run goes on", async () => {
    const r = new Recipe();
    r.add("x", readNumber, {}, { file: { file: join(folder, "nothing.txt") } });
    const { records } = await run(r);
    expect(records.get("x")?.state.kind).toBe("failed");
  });

  test("a cut-off result counts as absent", async () => {
    await run(recipe(2));
    for (const name of readdirSync(cache.folder))
      if (name.endsWith(".result")) truncateSync(join(cache.folder, name), 3);
    expect((await run(recipe(2))).states).toEqual({ x: "ran", a: "ran", b: "ran", sum: "ran" });
  });

  test("worker threads give what this thread gives", async () => {
    await using engine = workerEngine(new URL("../../test/toy-worker.ts", import.meta.url), join(folder, "cache"), 2);
    const { states, value } = await run(recipe(2), engine);
    expect(states).toEqual({ x: "ran", a: "ran", b: "ran", sum: "ran" });
    expect(value?.sum).toBe(35);
  });

  test("an abort stops the run", async () => {
    const controller = new AbortController();
    const hashes = new SourceHashes(join(folder, "hashes.json"));
    const r = new Recipe();
    const x = r.add("x", readNumber, {}, { file: { file: join(folder, "x.txt") } });
    r.add("slow", scale, { by: 2, wait: 30_000 }, { x });
    await using engine = workerEngine(new URL("../../test/toy-worker.ts", import.meta.url), join(folder, "cache"), 1);
    const going = runRecipe(r, { cache, hashes, engine, signal: controller.signal });
    setTimeout(() => controller.abort(new Error("stopped by the user")), 200);
    await expect(going).rejects.toThrow("stopped by the user");
  });

  test("killed in the middle, the next run takes up what was whole", async () => {
    const script = fileURLToPath(new URL("../../test/interrupted.ts", import.meta.url));
    const run = async (...words: string[]): Promise<{ said: string; code: unknown; signal: unknown }> => {
      const child = spawn(process.execPath, [script, folder, ...words], { stdio: ["ignore", "pipe", "inherit"] });
      let said = "";
      child.stdout.on("data", (text) => {
        said += text;
      });
      return new Promise((done) => child.on("close", (code, signal) => done({ said, code, signal })));
    };
    const killed = await run("scale-6");
    expect([killed.signal, killed.said.trim().split("\n").at(-1)]).toEqual(["SIGKILL", "ran scale-5"]);
    const { said: second, code } = await run();
    expect(code).toBe(0);
    expect(second).toContain("cached scale-5\n");
    expect(second).toContain("ran scale-39\n");
    expect(readdirSync(cache.folder).filter((name) => name.startsWith("making-"))).toEqual([]);
    expect(JSON.parse(readFileSync(join(folder, "hashes.json"), "utf8"))).toBeTypeOf("object");
  });
});

describe("Recipe", () => {
  test("two nodes of one name and an unknown source are refused", () => {
    const r = recipe(1);
    expect(() => r.add("x", readNumber, {}, { file: { file: "y" } })).toThrow(/two nodes/);
    expect(() => r.add("z", scale, { by: 1 }, { x: { node: "nowhere" } })).toThrow(/nowhere/);
  });
});
