import { existsSync, statfsSync } from "node:fs";
import { availableParallelism, cpus, freemem, tmpdir, totalmem } from "node:os";
import { findTemplate } from "@quintet/io/node";
import { loadKernels } from "@quintet/kernels/node";
import type { Command } from "../command.ts";
import { version } from "../version.ts";

interface Check {
  readonly what: string;
  readonly state: "ok" | "note" | "bad";
  readonly found: string;
}

export const doctor: Command = {
  name: "doctor",
  usage: "quintet doctor [--json]",
  summary: "Is this machine ready? Node, cores, memory, disk, kernels, templates, GPU",
  description:
    "Checks what a run needs and says what to do about what is missing. Exit code 1 when something stands in the way.",
  options: { json: { type: "boolean", help: "As one JSON array" } },
  async run({ flag }) {
    const checks = [node(), processors(), memory(), disk(), await kernels(), await template(), gpu(), realData()];
    if (flag("json")) process.stdout.write(`${JSON.stringify(checks, null, 1)}\n`);
    else {
      const marks = { ok: "ok  ", note: "note", bad: "BAD " } as const;
      console.log(`Quintet ${version}`);
      for (const { what, state, found } of checks) console.log(`  ${marks[state]}  ${what.padEnd(10)} ${found}`);
    }
    return checks.some(({ state }) => state === "bad") ? 1 : 0;
  },
};

function node(): Check {
  const major = Number(process.versions.node.split(".")[0]);
  return {
    what: "Node",
    state: major >= 20 ? "ok" : "bad",
    found: `${process.version}${major >= 20 ? "" : "; Node 20 or newer is needed"}`,
  };
}

function processors(): Check {
  return {
    what: "cores",
    state: "ok",
    found: `${availableParallelism()} usable (${cpus()[0]?.model.trim() ?? "unknown model"})`,
  };
}

function memory(): Check {
  const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  const enough = totalmem() > 3.5 * 2 ** 30;
  return {
    what: "memory",
    state: enough ? "ok" : "note",
    found: `${gib(totalmem())}, ${gib(freemem())} free${enough ? "" : "; use --workers 1"}`,
  };
}

function disk(): Check {
  const { bavail, bsize } = statfsSync(tmpdir());
  const free = bavail * bsize;
  return {
    what: "disk",
    state: free > 2 ** 31 ? "ok" : "bad",
    found: `${(free / 2 ** 30).toFixed(1)} GiB free in ${tmpdir()}${free > 2 ** 31 ? "" : "; 2 GiB are needed"}`,
  };
}

async function kernels(): Promise<Check> {
  const found = await loadKernels();
  return found.length > 0
    ? { what: "kernels", state: "ok", found: `WebAssembly SIMD: ${found.join(", ")}` }
    : { what: "kernels", state: "note", found: "plain JavaScript, slower: no compiled kernel was found" };
}

async function template(): Promise<Check> {
  try {
    const found = await findTemplate({ env: process.env });
    return found
      ? {
          what: "template",
          state: "ok",
          found: `${found.name} (${found.foundBy}: ${found.source})${found.atlas ? ", with atlas" : ", without atlas"}`,
        }
      : {
          what: "template",
          state: "note",
          found: "none: the code-made head stands in. Debian: apt-get install mricron-data",
        };
  } catch (error) {
    return { what: "template", state: "note", found: error instanceof Error ? error.message : String(error) };
  }
}

function gpu(): Check {
  const device = ["/dev/nvidia0", "/dev/dri/renderD128"].find((path) => existsSync(path));
  return {
    what: "GPU",
    state: "note",
    found: device ? `${device} (not used by this version)` : "none (none is needed)",
  };
}

function realData(): Check {
  const stated = process.env.QUINTET_DATA;
  return {
    what: "real data",
    state: stated && !existsSync(stated) ? "bad" : "note",
    found: stated ?? "QUINTET_DATA is not set (only demo --real and tests want it)",
  };
}
