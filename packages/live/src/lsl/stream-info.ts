import { DataError, type Hertz } from "@quintet/core";
import { parseXml, type XdfFormat, type XmlElement, xdfFormats, xmlNumber, xmlText } from "@quintet/io";
import { infoVersion, limits } from "./constants.ts";

/** What a stream says of itself before it is opened. */
export interface StreamInfo {
  readonly name: string;
  /** EEG, NIRS, Markers ... */
  readonly type: string;
  readonly channelCount: number;
  readonly format: XdfFormat;
  /** 0 for events that come when they come. */
  readonly rate: Hertz;
  /** Names the device, so that a stream is found again after a restart; empty when it cannot be. */
  readonly sourceId: string;
  /** Of this outlet alone. */
  readonly uid: string;
  readonly sessionId: string;
  readonly hostname: string;
  /** Where it was found. */
  readonly address: string;
  readonly dataPort: number;
  readonly servicePort: number;
}

export interface StreamChannel {
  readonly label: string;
  readonly type?: string;
  readonly unit?: string;
}

/** What an outlet tells: its information and, in full, its channels. */
export interface OutletDescription
  extends Omit<StreamInfo, "address" | "dataPort" | "servicePort" | "uid" | "hostname" | "sessionId"> {
  readonly channels?: readonly StreamChannel[];
  /** Samples may be missing between two stamps: no reader may draw a line through them. */
  readonly canDropSamples?: boolean;
}

/**
 * The information of a stream as XML, in liblsl's order.
 *
 * @param description the inner XML of `<desc>`; empty in the short form
 */
export function infoXml(info: Omit<StreamInfo, "address">, createdAt: number, description = ""): string {
  const fields: readonly (readonly [string, string | number])[] = [
    ["name", info.name],
    ["type", info.type],
    ["channel_count", info.channelCount],
    ["channel_format", info.format],
    ["source_id", info.sourceId],
    ["nominal_srate", info.rate],
    ["version", infoVersion],
    ["created_at", createdAt],
    ["uid", info.uid],
    ["session_id", info.sessionId],
    ["hostname", info.hostname],
    ["v4address", ""],
    ["v4data_port", info.dataPort],
    ["v4service_port", info.servicePort],
    ["v6address", ""],
    ["v6data_port", 0],
    ["v6service_port", 0],
  ];
  const rows = fields.map(([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`).join("");
  return `<?xml version="1.0"?><info>${rows}<desc>${description}</desc></info>`;
}

/** The inner XML of `<desc>`: channels as the XDF project words them. */
export function descriptionXml({ channels = [], canDropSamples }: OutletDescription): string {
  const rows = channels.map(({ label, type, unit }) => {
    const fields = [
      ["label", label],
      ["type", type],
      ["unit", unit],
    ].flatMap(([name, value]) => (value === undefined ? [] : [`<${name}>${escapeXml(value)}</${name}>`]));
    return `<channel>${fields.join("")}</channel>`;
  });
  const drops =
    canDropSamples === true ? "<synchronization><can_drop_samples>true</can_drop_samples></synchronization>" : "";
  return (rows.length > 0 ? `<channels>${rows.join("")}</channels>` : "") + drops;
}

/**
 * Reads a stream's information; what a reader needs must be there and be possible.
 *
 * @param address where the datagram or connection came from: the XML's own field is empty by design
 * @throws DataError `bad-stream-info`, `bad-xml`, `xml-too-large`
 */
export function readInfo(xml: string, address: string): StreamInfo {
  if (xml.length > limits.xml)
    throw new DataError("xml-too-large", `${address} sends an information of ${xml.length} characters`, {
      expected: `at most ${limits.xml}`,
    });
  const info = parseXml(xml, address);
  const format = xdfFormats.find((known) => known === xmlText(info, "channel_format"));
  const channelCount = xmlNumber(info, "channel_count") ?? Number.NaN;
  const rate = xmlNumber(info, "nominal_srate") ?? Number.NaN;
  const [dataPort, servicePort] = [port(info, "v4data_port"), port(info, "v4service_port")];
  const [name, uid] = [xmlText(info, "name"), xmlText(info, "uid")];
  const possible = Number.isInteger(channelCount) && channelCount >= 1 && channelCount <= limits.channels && rate >= 0;
  if (name === undefined || uid === undefined || format === undefined || !possible || !dataPort || !servicePort)
    throw new DataError("bad-stream-info", `${address} describes a stream that cannot be`, {
      expected: `a name, a uid, 1 to ${limits.channels} channels of ${xdfFormats.join(", ")}, a rate, two ports`,
      found: `${name}, ${uid}, ${channelCount} of ${xmlText(info, "channel_format")}, ${rate} Hz, ${dataPort}, ${servicePort}`,
    });
  return {
    name,
    uid,
    format,
    channelCount,
    rate,
    dataPort,
    servicePort,
    address,
    type: xmlText(info, "type") ?? "",
    sourceId: xmlText(info, "source_id") ?? "",
    sessionId: xmlText(info, "session_id") ?? "default",
    hostname: xmlText(info, "hostname") ?? "",
  };
}

function port(info: XmlElement, name: string): number {
  const value = xmlNumber(info, name) ?? 0;
  return Number.isInteger(value) && value > 0 && value < 65_536 ? value : 0;
}

const entities: Readonly<Record<string, string>> = { "<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;" };

/** Text between tags: the signs that would be markup as entities, control characters left out. */
export function escapeXml(text: string): string {
  return text
    .replace(/\p{Cc}/gu, (sign) => ("\t\n\r".includes(sign) ? sign : ""))
    .replace(/[<>&"]/g, (sign) => entities[sign] ?? "");
}
