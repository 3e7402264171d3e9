/** `npm run fuzz -- [NAME ...] [--count N] [--seed S]`: 100,000 damaged inputs for each own reader, 10,000 with WebAssembly. */
import { parseArgs } from "node:util";
import { fuzz } from "./fuzz.ts";
import { targets } from "./targets.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { count: { type: "string" }, seed: { type: "string", default: "1" } },
});
const unknown = positionals.filter((name) => !targets.some((target) => target.name === name));
if (unknown.length > 0) {
  console.error(`no reader named ${unknown.join(", ")}; there are ${targets.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}
for (const target of targets.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
  const count = Number(values.count ?? (target.wasm ? 10_000 : 100_000));
  const report = await fuzz(target, count, Number(values.seed));
  const { read, refused, findings, slowest, largest, seconds } = report;
  const codes = Object.entries(refused).sort(([, a], [, b]) => b - a);
  console.log(
    `${target.name}: ${count} inputs in ${seconds.toFixed(1)} s, ${read} read, ${count - read - findings.length} refused, ` +
      `slowest ${(slowest * 1000).toFixed(0)} ms, largest growth ${(largest / 1e6).toFixed(1)} MB, ${findings.length} findings`,
  );
  console.log(`  ${codes.map(([code, n]) => `${code} ${n}`).join(", ")}`);
  for (const { kind, fixture, seed, message } of findings)
    console.log(`  ${kind}: ${fixture}, mutation ${seed}: ${message}`);
  if (findings.length > 0) process.exitCode = 1;
}
