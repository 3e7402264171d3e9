/** What a SNIRF file may hold, field by field. SNIRF specification 1.1, github.com/fNIRS/snirf, section "SNIRF data format summary". */

/** Scalar or array of text, whole numbers or numbers; the digit is the rank an array must have. */
export type FieldForm = "text" | "integer" | "number" | "text1" | "text1or2" | "integer1" | "number1" | "number2";

export interface FieldRule {
  readonly form: FieldForm;
  readonly required?: true;
}

export type GroupRules = Readonly<Record<string, FieldRule>>;

const need = (form: FieldForm): FieldRule => ({ form, required: true });
const may = (form: FieldForm): FieldRule => ({ form });

export const metaDataRules: GroupRules = Object.fromEntries(
  ["SubjectID", "MeasurementDate", "MeasurementTime", "LengthUnit", "TimeUnit", "FrequencyUnit"].map((name) => [
    name,
    need("text"),
  ]),
);

export const dataRules: GroupRules = {
  dataTimeSeries: need("number2"),
  dataOffset: may("number1"),
  time: need("number1"),
};

/** Of measurementList{i}: one value each. The table measurementLists has the same names, one row per column of the data. */
export const measurementRules: GroupRules = {
  sourceIndex: need("integer"),
  detectorIndex: need("integer"),
  wavelengthIndex: need("integer"),
  wavelengthActual: may("number"),
  wavelengthEmissionActual: may("number"),
  dataType: need("integer"),
  dataUnit: may("text"),
  dataTypeLabel: may("text"),
  dataTypeIndex: need("integer"),
  sourcePower: may("number"),
  detectorGain: may("number"),
  moduleIndex: may("integer"),
  sourceModuleIndex: may("integer"),
  detectorModuleIndex: may("integer"),
};

export const stimRules: GroupRules = {
  name: need("text"),
  data: need("number2"),
  dataLabels: may("text1"),
};

export const probeRules: GroupRules = {
  wavelengths: need("number1"),
  wavelengthsEmission: may("number1"),
  sourcePos2D: may("number2"),
  sourcePos3D: may("number2"),
  detectorPos2D: may("number2"),
  detectorPos3D: may("number2"),
  frequencies: may("number1"),
  timeDelays: may("number1"),
  timeDelayWidths: may("number1"),
  momentOrders: may("number1"),
  correlationTimeDelays: may("number1"),
  correlationTimeDelayWidths: may("number1"),
  sourceLabels: may("text1or2"),
  detectorLabels: may("text1or2"),
  landmarkPos2D: may("number2"),
  landmarkPos3D: may("number2"),
  landmarkLabels: may("text1"),
  coordinateSystem: may("text"),
  coordinateSystemDescription: may("text"),
  useLocalIndex: may("integer"),
};

export const auxRules: GroupRules = {
  name: need("text"),
  dataTimeSeries: need("number2"),
  dataUnit: may("text"),
  time: need("number1"),
  timeOffset: may("number1"),
};

/** What a column of the data can be (appendix, dataType), and which list of the probe dataTypeIndex then counts in. */
export const dataTypes: ReadonlyMap<number, { readonly says: string; readonly listed?: keyof typeof probeRules }> =
  new Map([
    [1, { says: "continuous wave, amplitude" }],
    [51, { says: "continuous wave, fluorescence amplitude" }],
    [101, { says: "frequency domain, AC amplitude", listed: "frequencies" }],
    [102, { says: "frequency domain, phase", listed: "frequencies" }],
    [151, { says: "frequency domain, fluorescence amplitude", listed: "frequencies" }],
    [152, { says: "frequency domain, fluorescence phase", listed: "frequencies" }],
    [201, { says: "time domain, gated, amplitude", listed: "timeDelays" }],
    [251, { says: "time domain, gated, fluorescence amplitude", listed: "timeDelays" }],
    [301, { says: "time domain, moments, amplitude", listed: "momentOrders" }],
    [351, { says: "time domain, moments, fluorescence amplitude", listed: "momentOrders" }],
    [401, { says: "diffuse correlation, g2", listed: "correlationTimeDelays" }],
    [410, { says: "diffuse correlation, blood flow index" }],
    [99999, { says: "processed" }],
  ]);

/** dataTypeLabel of processed data. */
export const processedLabels: ReadonlySet<string> = new Set([
  ...["dOD", "dMean", "dVar", "dSkew", "mua", "musp", "HbO", "HbR", "HbT", "H2O", "Lipid", "StO2", "BFi"],
  ...["HRF dOD", "HRF dMean", "HRF dVar", "HRF dSkew", "HRF HbO", "HRF HbR", "HRF HbT", "HRF BFi"],
]);
