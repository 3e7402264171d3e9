/** SUV of an image as it is read: of activity corrected for decay, or SUV already. */
import { DataError, type Metadata, type Participant, type Volume } from "@quintet/core";
import { injectionFrom, meanOverWindow, sul, suv, type Window } from "@quintet/modalities/pet";

export interface StandardUptakeInput {
  readonly volume: Volume;
  readonly metadata: Metadata;
  readonly person: Participant;
  readonly window: Window | undefined;
  /** Of the side file, for messages. */
  readonly sideFile: string;
}

/**
 *   Bq/mL, corrected to T:   SUV = mean_t C_t W / (A exp(-lambda (T - t_0)))
 *   g/mL (SUVType BW):       SUV = mean_t C_t
 *
 * with A at t_0 (InjectionStart); the mean weighs frames by their length.
 *
 * @param measure suv, or sul: by lean body mass for the weight
 * @throws DataError `unknown-unit` and those of injectionFrom, suv, sul and meanOverWindow
 */
export function standardUptake(measure: "suv" | "sul", input: StandardUptakeInput): Volume<"g/mL"> {
  const { volume, metadata, person, window, sideFile } = input;
  if (volume.unit === "g/mL") return readySuv(measure, input);
  if (volume.unit !== "Bq/mL") throw wrongUnit(sideFile, volume.unit);
  const injection = injectionFrom(metadata, person, sideFile);
  const mean = meanOverWindow(volume as Volume<"Bq/mL">, window);
  return measure === "suv" ? suv(mean, injection) : sul(mean, injection, person);
}

function readySuv(measure: "suv" | "sul", { volume, metadata, window, sideFile }: StandardUptakeInput): Volume<"g/mL"> {
  const type = metadata.SUVType;
  if (measure === "sul" || (type !== undefined && type !== "BW")) {
    throw new DataError("unknown-unit", `the image holds ready uptake, which is not made ${measure} of`, {
      file: sideFile,
      expected: measure === "sul" ? "Units Bq/mL" : "SUVType BW (body weight), or Units Bq/mL",
      found: `Units ${volume.unit}, SUVType ${JSON.stringify(type) ?? "not stated"}`,
    });
  }
  return meanOverWindow(volume as Volume<"g/mL">, window);
}

export function wrongUnit(file: string, found: string): DataError {
  return new DataError("unknown-unit", "uptake is measured in activity concentration", {
    file,
    expected: `a line like "Units": "Bq/mL" (or kBq/mL, MBq/mL; g/mL for a ready SUV)`,
    found: found === "{arbitrary}" ? "none stated" : found === "{count}" ? "counts" : found,
  });
}
