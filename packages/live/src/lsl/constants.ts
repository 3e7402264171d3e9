/** Numbers of Lab Streaming Layer, protocol 1.10, as liblsl 1.17 has them. */
import type { Seconds } from "@quintet/core";

/** Where queries are sent to all outlets. */
export const multicastPort = 16571;
/** First of the ports that outlets take for data and service. */
export const basePort = 16572;
export const portRange = 32;
export const protocolVersion = 110;
/** Version of an outlet's information, as liblsl prints 1.1. */
export const infoVersion = "1.1000000000000001";

/** Multicast groups of the scopes machine, link and site; 255.255.255.255 is the link's broadcast. */
export const multicastGroups = ["224.0.0.1", "224.0.0.183", "239.255.172.215"] as const;
export const broadcastAddress = "255.255.255.255";
/** Hops of a query: the site scope. */
export const multicastTtl = 24;

/** The stamp of the two samples that open every stream, by which both sides see that they agree. */
export const patternStamp: Seconds = 123456.789;

/** What no peer may exceed. */
export const limits: {
  /** Characters of a stream's information. */
  readonly xml: number;
  /** Bytes of one datagram's query. */
  readonly query: number;
  /** Bytes of a request's header lines. */
  readonly header: number;
  readonly channels: number;
  /** Bytes of one string value. */
  readonly text: number;
  /** Bytes that wait for a reader that does not read. */
  readonly backlog: number;
  /** Readers of one outlet. */
  readonly readers: number;
  /** Seconds a peer may take for its header. */
  readonly patience: Seconds;
} = {
  xml: 4 * 2 ** 20,
  query: 4096,
  header: 16_384,
  channels: 100_000,
  text: 2 ** 20,
  backlog: 64 * 2 ** 20,
  readers: 64,
  patience: 10,
};
