import { networkInterfaces } from "node:os";
import { DataError } from "@quintet/core";

/** Which of the machine's network interfaces to use: all of them, or those with these IPv4 addresses. */
export type Interfaces = "all" | readonly string[];

/** This machine only. */
export const loopback: readonly string[] = ["127.0.0.1"];

/**
 * IPv4 addresses to use.
 *
 * @throws DataError `no-such-interface`
 */
export function addressesOf(interfaces: Interfaces): readonly string[] {
  const own = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ family }) => family === "IPv4")
    .map(({ address }) => address);
  if (interfaces === "all") return own;
  const unknown = interfaces.find((address) => !own.includes(address));
  if (unknown !== undefined)
    throw new DataError("no-such-interface", "this machine has no interface of that address", {
      expected: own.join(", "),
      found: unknown,
    });
  return interfaces;
}

/** Whether a peer's address may be answered: anybody's, or this machine's when only the loopback is used. */
export function mayAnswer(interfaces: Interfaces, peer: string): boolean {
  return interfaces === "all" || interfaces.some((address) => !isLoopback(address)) || isLoopback(peer);
}

const isLoopback = (address: string): boolean => address.startsWith("127.");
