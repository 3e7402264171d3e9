import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";

const script = fileURLToPath(new URL("../../test/namespace-peer.ts", import.meta.url));
const [one, two] = [`q${process.pid}a`, `q${process.pid}b`];
const ip = (...args: string[]): boolean => spawnSync("ip", args, { stdio: "ignore" }).status === 0;

/** Two hosts on one machine: network namespaces joined by a virtual cable, where the system lets us make them. */
function cable(): boolean {
  if (!ip("netns", "add", one) || !ip("netns", "add", two)) return false;
  const inside = (host: string, ...args: string[]): boolean => ip("-n", host, ...args);
  return (
    ip("link", "add", `${one}v`, "netns", one, "type", "veth", "peer", "name", `${two}v`, "netns", two) &&
    [[one, "10.77.0.1"] as const, [two, "10.77.0.2"] as const].every(
      ([host, address]) =>
        inside(host, "addr", "add", `${address}/24`, "dev", `${host}v`) &&
        inside(host, "link", "set", `${host}v`, "up") &&
        inside(host, "link", "set", "lo", "up") &&
        inside(host, "route", "add", "224.0.0.0/4", "dev", `${host}v`),
    )
  );
}

const joined = cable();
afterAll(() => {
  for (const host of [one, two]) ip("netns", "del", host);
});
if (!joined) console.log("two hosts: network namespaces cannot be made here; skipped");

describe.skipIf(!joined)("two hosts", () => {
  const inHost = (host: string, what: string) =>
    spawn("ip", ["netns", "exec", host, process.execPath, script, what], { stdio: ["pipe", "pipe", "inherit"] });

  test("a stream of one is found by multicast from the other, timed and read whole", async () => {
    const sender = inHost(one, "send");
    await new Promise((go) => sender.stdout.once("data", go));
    const reader = inHost(two, "receive");
    const said = await new Promise<string>((tell) => {
      let text = "";
      reader.stdout.on("data", (bytes) => {
        text += bytes;
      });
      reader.once("close", () => tell(text));
    });
    sender.stdin.end();
    await new Promise((gone) => sender.once("exit", gone));
    const { address, right, clock } = JSON.parse(said);
    expect([address, right]).toEqual(["10.77.0.1", true]);
    expect(clock).toBeLessThan(0.1);
  });
});
