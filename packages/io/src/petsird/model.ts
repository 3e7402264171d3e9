/**
 * PETSIRD 0.9 as plain data: the names are the model's own. Lengths in mm, energies in keV, times in ms since the start of
 * the acquisition; a detection bin is energy + bins of energy x (element + elements x module).
 *
 * @see github.com/ETSInitiative/PETSIRD, model/*.yml
 */
import type { Extended } from "../yardl/decode.ts";

export interface PetsirdTransformation {
  /** Row-major 3 x 4. */
  readonly matrix: Float32Array;
}
export interface PetsirdReplicated<T> {
  readonly object: T;
  readonly transforms: readonly PetsirdTransformation[];
}
export interface PetsirdSolid<Shape> {
  readonly shape: Shape;
  readonly materialId: number;
}
export interface PetsirdBox {
  /** Eight. */
  readonly corners: readonly { readonly c: Float32Array }[];
}
export interface PetsirdAnnulus {
  readonly innerRadius: number;
  readonly outerRadius: number;
  readonly thickness: number;
  readonly angularRange: Float32Array;
}
export type PetsirdShape = readonly ["BoxShape", PetsirdBox] | readonly ["AnnulusShape", PetsirdAnnulus];

export interface PetsirdModule {
  readonly detectingElements: PetsirdReplicated<PetsirdSolid<PetsirdBox>>;
  readonly nonDetectingElements: readonly PetsirdReplicated<PetsirdSolid<PetsirdShape>>[];
}
export interface PetsirdBins {
  /** One more than there are bins, rising. */
  readonly edges: Float32Array;
}
export interface PetsirdEfficiencies {
  readonly methodDescription: string;
  readonly calibrationFactor: number;
  /** Of every detection bin, a list for each type of module. */
  readonly detectionBinEfficiencies: readonly Float32Array[] | undefined;
  /** Which symmetry group a pair of modules belongs to; negative: not in coincidence. */
  readonly modulePairSGIDLUT: readonly (readonly Extended<Float64Array>[])[] | undefined;
  readonly modulePairEfficienciesVectors:
    | readonly (readonly (readonly { readonly values: Extended<Float32Array>; readonly sgid: number }[])[])[]
    | undefined;
}
export type PetsirdPolicy =
  | "rejectHigherMultiples"
  | "multiplesAsAllCoincidences"
  | "multiplesAsSequentialCoincidences"
  | "other";

export interface PetsirdScanner {
  readonly modelName: string;
  readonly scannerGeometry: {
    /** One for each type of module. */
    readonly replicatedModules: readonly PetsirdReplicated<PetsirdModule>[];
    readonly nonDetectingVolumes: readonly PetsirdSolid<PetsirdShape>[] | undefined;
  };
  readonly bulkMaterials: readonly {
    readonly id: number;
    readonly name: string;
    readonly density: number;
    /** [mass number, atomic number] of each atom. */
    readonly atoms: Uint32Array;
    readonly massFractions: Float32Array;
  }[];
  readonly gantryAlignment: PetsirdTransformation | undefined;
  /** (t1 - t2) c / 2 in mm, for each pair of module types. */
  readonly tofBinEdges: readonly (readonly PetsirdBins[])[];
  /** FWHM in mm. */
  readonly tofResolution: readonly Float32Array[];
  readonly eventEnergyBinEdges: readonly PetsirdBins[];
  /** FWHM as a fraction of 511 keV. */
  readonly energyResolutionAt511: Float32Array;
  readonly singlesHistogramLevel: "none" | "module" | "all";
  readonly singlesHistogramEnergyBinEdges: readonly PetsirdBins[];
  readonly singleEventPolicy: "all" | "rejectIfNotInCoincidence" | "other";
  readonly promptEventPolicy: PetsirdPolicy;
  readonly delayedEventPolicy: PetsirdPolicy;
  readonly tripleEventPolicy: "rejectHigherMultiples" | "other";
  readonly quadrupleEventPolicy: "rejectHigherMultiples" | "other";
  readonly singleEventsAreStored: boolean;
  readonly promptEventsAreStored: boolean;
  readonly delayedEventsAreStored: boolean;
  readonly tripleEventsAreStored: boolean;
  readonly quadrupleEventsAreStored: boolean;
  readonly detectionEfficiencies: PetsirdEfficiencies;
}

export interface PetsirdSignal {
  readonly type:
    | "ecgTrace"
    | "ecgTrigger"
    | "respTrace"
    | "respTrigger"
    | "otherMotionSignal"
    | "otherMotionTrigger"
    | "externalSync"
    | "mrPulseStart"
    | "other";
  readonly description: string;
  readonly id: number;
}
export interface PetsirdExam {
  readonly subject: { readonly name: string | undefined; readonly id: string };
  readonly institution: { readonly name: string; readonly address: string };
  readonly protocol: string | undefined;
  /** Nanoseconds since 1970-01-01 UTC. */
  readonly startOfAcquisition: bigint | undefined;
  readonly externalSignals: readonly PetsirdSignal[];
}
export interface PetsirdHeader {
  readonly scanner: PetsirdScanner;
  readonly exam: PetsirdExam | undefined;
}

/** Milliseconds since the start of the acquisition: [start, stop). */
export interface PetsirdInterval {
  readonly start: number;
  readonly stop: number;
}
interface Timed {
  readonly timeInterval: PetsirdInterval;
}

/** Flat lists; a coincidence is [detection bin, detection bin, TOF index], for types of module [a][b], b <= a. */
export interface PetsirdEvents extends Timed {
  /** [detection bin, ns within the block] */
  readonly singleEvents: readonly Uint32Array[];
  readonly promptEvents: readonly (readonly Uint32Array[])[];
  readonly delayedEvents: readonly (readonly Uint32Array[])[];
  /** [three detection bins, two TOF indices] */
  readonly tripleEvents: readonly (readonly (readonly Uint32Array[])[])[];
  readonly quadrupleEvents: readonly (readonly (readonly (readonly Uint32Array[])[])[])[];
}
export interface PetsirdSignalValues extends Timed {
  readonly signalID: number;
  readonly signalValues: Float32Array;
}
export interface PetsirdMovement extends Timed {
  readonly transform: PetsirdTransformation;
}
export interface PetsirdDeadTime extends Timed {
  readonly aliveTimeFractions: {
    readonly singlesAliveTimeFractions: readonly Float32Array[];
    readonly moduleCoincidenceAliveTimeFractions: readonly (readonly Extended<Float32Array>[])[] | undefined;
  };
}
export interface PetsirdSingles extends Timed {
  readonly singlesHistograms: readonly Float64Array[];
}

export type PetsirdTimeBlock =
  | readonly ["EventTimeBlock", PetsirdEvents]
  | readonly ["ExternalSignalTimeBlock", PetsirdSignalValues]
  | readonly ["BedMovementTimeBlock", PetsirdMovement]
  | readonly ["GantryMovementTimeBlock", PetsirdMovement]
  | readonly ["DeadTimeTimeBlock", PetsirdDeadTime]
  | readonly ["SinglesHistogramTimeBlock", PetsirdSingles];
