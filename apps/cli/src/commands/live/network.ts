/** Options that every live command shares: which interfaces, which hosts. */
import type { Interfaces } from "@quintet/live";
import type { Call, OptionHelp } from "../../command.ts";

export const networkOptions: Readonly<Record<string, OptionHelp>> = {
  interface: {
    type: "string",
    multiple: true,
    value: "ADDRESS",
    help: "Network interface by its IPv4 address, or all (repeat for more)",
  },
  peer: { type: "string", multiple: true, value: "HOST", help: "Also ask this host, beyond the multicast's reach" },
};

export function interfacesOf({ texts }: Call, otherwise: Interfaces): Interfaces {
  const given = texts("interface");
  if (given.length === 0) return otherwise;
  return given.includes("all") ? "all" : given;
}

export function peersOf({ texts }: Call): { readonly knownPeers?: readonly string[] } {
  const peers = texts("peer");
  return peers.length > 0 ? { knownPeers: peers } : {};
}
