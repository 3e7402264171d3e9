#!/usr/bin/env node
// In the repository: runs the TypeScript source, on the Node of node_modules when this one is too old for it.
import { spawn } from "node:child_process";
import module from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const [major, minor] = process.versions.node.split(".").map(Number);
const main = new URL("../src/main.ts", import.meta.url);

if (major > 22 || (major === 22 && minor >= 18)) {
  // Compiled code is kept, also for the worker threads, which read the variable: the next start takes half the time.
  process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), "node-compile-cache");
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
  await import(main.href);
} else {
  const node = fileURLToPath(new URL("../../../node_modules/.bin/node", import.meta.url));
  const args = [fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const child = spawn(node, args, { stdio: "inherit" });
  // Ctrl-C reaches the child by itself; this process waits for its orderly end.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("error", () => {
    console.error(
      `quintet needs Node 22.18 or newer to run from source (this is ${process.version}); run npm ci first.`,
    );
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = signal ? 130 : (code ?? 1);
  });
}
