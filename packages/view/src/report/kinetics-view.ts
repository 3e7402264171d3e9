/** What is shown of kinetic models: the shape that a fit already has, nothing computed here but pictures. */

export interface KineticRegion {
  readonly region: string;
  readonly model: string;
  readonly estimates: readonly {
    readonly name: string;
    readonly unit: string;
    readonly value?: number;
    readonly standardError?: number;
    readonly absent?: string;
  }[];
  /** Middle of the frames, minutes. */
  readonly time: Float64Array;
  /** Bq/mL */
  readonly measured: Float64Array;
  readonly fitted: Float64Array;
  readonly weights: Float64Array;
  /** t*, minutes. */
  readonly start?: number;
  readonly line?: {
    readonly x: Float64Array;
    readonly y: Float64Array;
    readonly xLabel: string;
    readonly yLabel: string;
    readonly slope: number;
    readonly intercept: number;
  };
  readonly flags: readonly string[];
}

export interface KineticsView {
  /** "Simplified reference tissue model (SRTM)" */
  readonly title: string;
  /** The model's equation in one line. */
  readonly equation: string;
  /** Choices made, one sentence each: reference, input, weights, t*. */
  readonly choices: readonly string[];
  /** Curves drawn beside those of the regions: reference region, plasma. Minutes and Bq/mL. */
  readonly inputs: readonly { readonly name: string; readonly time: Float64Array; readonly value: Float64Array }[];
  readonly regions: readonly KineticRegion[];
}
