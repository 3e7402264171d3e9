import { DataError } from "@quintet/core";
import type { ByteSource } from "../signal/byte-source.ts";
import { edfStart } from "./edf-date.ts";
import { edfInteger, edfNumber } from "./edf-number.ts";

/** One signal of an EDF or BDF header, as stored. */
export interface EdfSignal {
  readonly label: string;
  readonly transducer: string;
  readonly unit: string;
  readonly physicalMin: number;
  readonly physicalMax: number;
  readonly digitalMin: number;
  readonly digitalMax: number;
  readonly prefilter: string;
  readonly samplesPerRecord: number;
  /** Byte offset of its samples inside a data record. */
  readonly offset: number;
  /** "EDF Annotations" or "BDF Annotations": holds time-stamped texts, no samples. */
  readonly annotations: boolean;
}

export interface EdfHeader {
  readonly file: string;
  readonly format: "EDF" | "BDF";
  /** "EDF+C", "EDF+D", "BDF+C", "BDF+D", or "" for the plain format. */
  readonly variant: "" | "C" | "D";
  readonly bytesPerSample: 2 | 3;
  readonly patient: string;
  readonly recordingField: string;
  /** ISO 8601 without zone, when the date and time are readable. */
  readonly startedAt?: string;
  readonly headerBytes: number;
  readonly records: number;
  /** Seconds. */
  readonly recordDuration: number;
  readonly recordBytes: number;
  readonly signals: readonly EdfSignal[];
  readonly problems: readonly string[];
}

const latin1 = new TextDecoder("windows-1252");

/**
 * Reads and checks the fixed ASCII header: 256 bytes, then 256 for each signal.
 * The number of records -1 (recording was in progress) is derived from the file's size.
 *
 * @throws DataError `not-edf`, `bad-number`, `bad-header`, `truncated`
 * @see Kemp et al., Electroenceph Clin Neurophysiol 1992;82:391-3; Kemp & Olivan, Clin Neurophysiol 2003;114:1755-61
 */
export function readEdfHeader(source: ByteSource, file: string): EdfHeader {
  if (source.size < 256) {
    throw new DataError("truncated", "too short for an EDF header", {
      file,
      expected: ">= 256 bytes",
      found: `${source.size}`,
    });
  }
  const fixed = source.read(0, 256);
  const problems: string[] = [];
  const bdf = fixed[0] === 0xff;
  const text = latin1.decode(fixed);
  const version = text.slice(bdf ? 1 : 0, 8).trim();
  if (bdf ? version !== "BIOSEMI" : version !== "0") {
    throw new DataError("not-edf", "no EDF or BDF file", {
      file,
      expected: 'version "0", or 0xFF "BIOSEMI"',
      found: JSON.stringify(text.slice(0, 8)),
    });
  }
  const signalCount = edfInteger(text.slice(252, 256), "number of signals", file, problems);
  const headerBytes = edfInteger(text.slice(184, 192), "header length", file, problems);
  if (signalCount < 1 || headerBytes !== 256 * (signalCount + 1) || headerBytes > source.size) {
    throw new DataError("bad-header", "the header's length does not fit its signals and the file", {
      file,
      expected: `256 x (signals + 1) bytes, within ${source.size}`,
      found: `${signalCount} signals, ${headerBytes} bytes`,
    });
  }
  const reserved = text.slice(192, 236).trim();
  const variant = /^(EDF|BDF)\+D/.test(reserved) ? "D" : /^(EDF|BDF)\+C/.test(reserved) ? "C" : "";
  const bytesPerSample = bdf ? 3 : 2;
  const signals = readSignals(
    latin1.decode(source.read(256, headerBytes - 256)),
    signalCount,
    bytesPerSample,
    file,
    problems,
  );
  const recordBytes = signals.reduce((sum, s) => sum + s.samplesPerRecord * bytesPerSample, 0);
  if (recordBytes === 0) throw new DataError("bad-header", "a data record holds no samples", { file });
  const recordDuration = edfNumber(text.slice(244, 252), "record duration", file, problems);
  if (recordDuration < 0 || (recordDuration === 0 && signals.some((s) => !s.annotations))) {
    throw new DataError("bad-header", "signals need a record duration", {
      file,
      expected: "> 0 s",
      found: `${recordDuration}`,
    });
  }
  const there = (source.size - headerBytes) / recordBytes;
  const stated = edfInteger(text.slice(236, 244), "number of records", file, problems);
  if (stated === -1)
    problems.push(`the header says a recording in progress; ${Math.floor(there)} whole records are there`);
  if (stated < -1 || stated > there) {
    throw new DataError("truncated", "fewer data records than the header says", {
      file,
      expected: `${stated} records of ${recordBytes} bytes`,
      found: `${Math.floor(there)}`,
    });
  }
  const records = stated === -1 ? Math.floor(there) : stated;
  if (stated !== -1 && stated < there)
    problems.push(`${source.size - headerBytes - records * recordBytes} bytes follow the last record`);
  const patient = text.slice(8, 88).trim();
  const recordingField = text.slice(88, 168).trim();
  const startedAt = edfStart(text.slice(168, 176), text.slice(176, 184), recordingField, problems);
  return {
    file,
    format: bdf ? "BDF" : "EDF",
    variant,
    bytesPerSample,
    patient,
    recordingField,
    ...(startedAt === undefined ? {} : { startedAt }),
    headerBytes,
    records,
    recordDuration,
    recordBytes,
    signals,
    problems,
  };
}

/** The signal part is stored field by field: all labels, then all transducers, and so on. */
function readSignals(
  text: string,
  count: number,
  bytesPerSample: number,
  file: string,
  problems: string[],
): EdfSignal[] {
  const widths = [16, 80, 8, 8, 8, 8, 8, 80, 8, 32];
  let at = 0;
  const columns = widths.map((width) => {
    const column = Array.from({ length: count }, (_, i) => text.slice(at + i * width, at + (i + 1) * width));
    at += width * count;
    return column;
  });
  const field = (column: number, i: number): string => columns[column]?.[i] ?? "";
  let offset = 0;
  return Array.from({ length: count }, (_, i) => {
    const label = field(0, i).trim();
    const annotations = label === "EDF Annotations" || label === "BDF Annotations";
    const number = (column: number, what: string): number =>
      edfNumber(field(column, i), `${what} of ${label}`, file, problems);
    const samplesPerRecord = edfInteger(field(8, i), `samples per record of ${label}`, file, problems);
    if (samplesPerRecord < 0) {
      throw new DataError("bad-header", `samples per record of ${label}`, {
        file,
        expected: ">= 0",
        found: `${samplesPerRecord}`,
      });
    }
    const signal: EdfSignal = {
      label,
      transducer: field(1, i).trim(),
      unit: field(2, i).trim(),
      physicalMin: annotations ? 0 : number(3, "physical minimum"),
      physicalMax: annotations ? 0 : number(4, "physical maximum"),
      digitalMin: annotations ? 0 : number(5, "digital minimum"),
      digitalMax: annotations ? 0 : number(6, "digital maximum"),
      prefilter: field(7, i).trim(),
      samplesPerRecord,
      offset,
      annotations,
    };
    offset += samplesPerRecord * bytesPerSample;
    return signal;
  });
}
