/**
 * One person's five-modality visit, simulated, with its truth.
 *
 * Morning: fNIRS while the fingers tap; for the last five blocks EEG and BOLD run at the same time, all three hearing the
 * scanner's volume pulses on clocks of their own. In the EEG that goes on, a seizure-like discharge, the ictal SPECT tracer
 * injected seconds later and ictal SPECT an hour after; T1w at noon. Interictal SPECT the day before, FDG PET two days after.
 */
import type { Events, Participant, Point, Transform, Volume } from "@quintet/core";
import { sensorNamed } from "@quintet/core";
import type { Random } from "@quintet/kernels";
import { seededRandom } from "@quintet/kernels";
import type { PhantomHead } from "./head/phantom-head.ts";
import { phantomHead } from "./head/phantom-head.ts";
import type { BoldRun, BoldTruth } from "./images/bold.ts";
import { boldRun, boldTiming } from "./images/bold.ts";
import type { FdgScan } from "./images/fdg.ts";
import { fdgScan } from "./images/fdg.ts";
import type { Focus, FocusRequest } from "./images/focus.ts";
import { drawFocus } from "./images/focus.ts";
import type { HmpaoPair, HmpaoScan } from "./images/hmpao.ts";
import { hmpaoPair } from "./images/hmpao.ts";
import { randomPose } from "./images/pose.ts";
import { t1wImage } from "./images/t1w.ts";
import { capTrakFrame } from "./signals/cap-frame.ts";
import type { EegSession, EegTruth } from "./signals/eeg.ts";
import { eegRate, eegSession } from "./signals/eeg.ts";
import type { NirsSession, NirsTruth } from "./signals/fnirs.ts";
import { nirsRate, nirsSession } from "./signals/fnirs.ts";
import type { DeviceClock, SharedClocks } from "./signals/shared-pulses.ts";
import { onDevice, sharedPulses, trueTime } from "./signals/shared-pulses.ts";

export interface SimulateOptions {
  readonly seed: number;
  /** "random" (when not given), a request for side, lobe, volume, increase, or false for none. */
  readonly focus?: "random" | FocusRequest | false;
  /** Voxel edge of the T1w, mm; 1.6 when not given. */
  readonly resolution?: number;
  /** 1 when not given. */
  readonly variation?: number;
  /** Size of the interictal spikes over the usual one, which hardly rises above the background; 1 when not given. */
  readonly spikeSize?: number;
}

/** Wall-clock starts, ISO 8601 without zone. */
export interface VisitTimes {
  readonly t1w: string;
  readonly bold: string;
  readonly pet: string;
  readonly spectIctal: string;
  readonly spectInterictal: string;
  readonly eeg: string;
  readonly nirs: string;
}

export interface FocusTruth extends Omit<Focus, "ball"> {
  /** Centre of mass of the added blood flow, T1w world RAS mm. */
  readonly centre: Point;
  /** The same place in the canonical head. */
  readonly canonical: Point;
  /** Relative change of FDG uptake round the focus. */
  readonly fdgChange: number;
}

export interface StudyTruth {
  readonly seed: number;
  readonly focus: FocusTruth | null;
  /** Each maps T1w world mm into the named frame; `t1w` maps the upright head's mm into the T1w world. */
  readonly poses: {
    readonly t1w: Transform;
    readonly bold: Transform;
    readonly pet: Transform;
    readonly spectIctal: Transform;
    readonly spectInterictal: Transform;
    /** Of electrodes and optodes as digitised. */
    readonly cap: Transform;
  };
  readonly eeg: EegTruth;
  readonly nirs: NirsTruth;
  readonly bold: BoldTruth;
  /** Of the three that ran side by side. */
  readonly clocks: SharedClocks;
}

export interface InjectedScan extends HmpaoScan {
  /** Bq. */
  readonly dose: number;
  /** Seconds from injection to start of scan. */
  readonly delay: number;
  /** ISO 8601 wall clock. */
  readonly injectedAt: string;
  readonly duration: number;
}

export interface PhantomStudy {
  readonly participant: Omit<Participant, "label"> & { readonly age: number; readonly weight: number };
  readonly times: VisitTimes;
  readonly t1w: Volume<"{arbitrary}">;
  readonly pet: FdgScan;
  readonly spect: { readonly ictal: InjectedScan; readonly interictal: InjectedScan };
  readonly eeg: EegSession;
  readonly nirs: NirsSession;
  readonly bold: BoldRun;
  /** The head itself: for tests, never for the pipeline. */
  readonly head: PhantomHead;
  readonly truth: StudyTruth;
}

const t1wSpace = "subject:T1w";

/** Starts after the EEG's by the wall clock, s: BOLD begins 8 s before the twelfth of fNIRS's 16 blocks, and ends with the last. */
const starts = { nirs: -262, bold: 25 } as const;

export function simulateStudy(options: SimulateOptions): PhantomStudy {
  const random = seededRandom(options.seed).fork("study");
  const who = random.fork("person");
  const participant = {
    age: 22 + who.integer(38),
    sex: who.uniform() < 0.5 ? ("F" as const) : ("M" as const),
    weight: 55 + who.integer(36),
    height: 1.58 + 0.01 * who.integer(30),
    handedness: "R" as const,
  };
  const day = 2 + who.integer(20);
  const scanners = drawPoses(random.fork("poses"));
  const head = phantomHead({
    seed: options.seed,
    resolution: options.resolution ?? 1.6,
    variation: options.variation ?? 1,
    pose: scanners.t1w.matrix,
    space: t1wSpace,
  });
  const mark = (name: string): Point => sensorNamed(head.fiducials, name)?.position ?? [0, 0, 0];
  const poses = { ...scanners, cap: capTrakFrame(t1wSpace, mark("Nz"), mark("LPA"), mark("RPA")) };
  const wanted = options.focus ?? "random";
  const focus = wanted === false ? undefined : drawFocus(head, random.fork("focus"), wanted === "random" ? {} : wanted);

  const eegSeconds = 8 * 3600 + 30 * 60;
  const eegStart = wallClock(day, eegSeconds);
  const eeg = eegSession(head, focus, random.fork("eeg"), {
    pose: poses.cap,
    startedAt: eegStart,
    spikeSize: options.spikeSize ?? 1,
  });
  const injected = eeg.truth.injection ?? 300;
  const times: VisitTimes = {
    eeg: eegStart,
    spectIctal: wallClock(day, eegSeconds + injected + 3600),
    nirs: wallClock(day, eegSeconds + starts.nirs),
    t1w: wallClock(day, 12 * 3600),
    bold: wallClock(day, eegSeconds + starts.bold),
    spectInterictal: wallClock(day - 1, 10 * 3600 + 1800),
    pet: wallClock(day + 2, 9 * 3600),
  };
  const flow: HmpaoPair = hmpaoPair(head, focus, random.fork("spect"), {
    poses: { ictal: poses.spectIctal, interictal: poses.spectInterictal },
  });
  const pet = fdgScan(head, focus, random.fork("pet"), { pose: poses.pet, weight: participant.weight });
  const pulses = sharedPulses(random.fork("clocks"), {
    ...boldTiming,
    ticks: { eeg: 1 / eegRate, nirs: 1 / nirsRate },
    starts,
  });
  const nirs = nirsSession(head, random.fork("nirs"), {
    pose: poses.cap,
    startedAt: times.nirs,
    age: participant.age,
  });
  const blocks = tapsDuring(nirs.events.list, pulses.clocks.nirs, pulses.clocks.bold);
  const bold = boldRun(head, random.fork("bold"), { pose: poses.bold, blocks });
  return {
    participant,
    times,
    t1w: t1wImage(head, random.fork("t1w"), { bias: 0.15, noise: 0.025 }),
    pet,
    spect: {
      ictal: injection(flow.ictal, 740e6, 3600, wallClock(day, eegSeconds + injected)),
      interictal: injection(flow.interictal, 740e6, 3600, wallClock(day - 1, 9 * 3600 + 1800)),
    },
    eeg: { ...eeg, events: withPulses(eeg.events, pulses.eeg) },
    nirs: { ...nirs, events: withPulses(nirs.events, pulses.nirs) },
    bold,
    head,
    truth: {
      seed: options.seed,
      focus: focus && flow.centre ? focusTruth(head, focus, flow.centre, pet.change) : null,
      poses,
      eeg: eeg.truth,
      nirs: nirs.truth,
      bold: bold.truth,
      clocks: pulses.clocks,
    },
  };
}

function withPulses({ clock, list }: Events, pulses: Events["list"]): Events {
  return { clock, list: [...list, ...pulses].sort((a, b) => a.onset - b.onset) };
}

/** The blocks that began during the BOLD run, on its clock. */
function tapsDuring(list: Events["list"], nirs: DeviceClock, bold: DeviceClock): Events["list"] {
  return list
    .map((block) => ({ ...block, onset: onDevice(bold, trueTime(nirs, block.onset)) }))
    .filter(({ onset }) => onset >= 0 && onset < boldTiming.volumes * boldTiming.repetitionTime);
}

function focusTruth(head: PhantomHead, focus: Focus, centre: Point, fdgChange: number): FocusTruth {
  const { ball: _, ...rest } = focus;
  return { ...rest, centre, canonical: head.toCanonical(centre), fdgChange };
}

/** Small in the MR scanner, up to 15 degrees and 20 mm in the others. */
function drawPoses(random: Random): Omit<StudyTruth["poses"], "cap"> {
  const centre: Point = [0, -17, 5];
  const small = { degrees: 5, millimetres: 6 };
  const large = { degrees: 15, millimetres: 20 };
  const t1w = randomPose(random.fork("t1w"), "phantom:head", t1wSpace, small, centre);
  const scanner = (name: string): Transform => randomPose(random.fork(name), t1wSpace, name, large, centre);
  return {
    t1w,
    bold: randomPose(random.fork("scanner:bold"), t1wSpace, "scanner:bold", { degrees: 3, millimetres: 4 }, centre),
    pet: scanner("scanner:pet"),
    spectIctal: scanner("scanner:spect-ictal"),
    spectInterictal: scanner("scanner:spect-interictal"),
  };
}

function injection(scan: HmpaoScan, dose: number, delay: number, injectedAt: string): InjectedScan {
  const image = { ...scan.image, frames: [{ start: 0, duration: 1800 }] };
  return { ...scan, image, dose, delay, injectedAt, duration: 1800 };
}

/** 2025-03-DDThh:mm:ss. */
function wallClock(day: number, seconds: number): string {
  const two = (v: number): string => String(Math.floor(v)).padStart(2, "0");
  return `2025-03-${two(day + 2)}T${two(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`;
}
