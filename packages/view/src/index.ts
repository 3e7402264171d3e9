export type { ColourMapName } from "./colour/colour-map.ts";
export type {
  Anatomy,
  Answer,
  Availability,
  ClockTrack,
  Curve,
  EegView,
  FnirsView,
  ImageLayer,
  InputFile,
  Layer,
  Provenance,
  ProvenanceStep,
  RegistrationCheck,
  ReportModel,
  SensorLayer,
  SensorValue,
  SessionClock,
  TemplateUsed,
  Topography,
} from "./report/model.ts";
export type { ReportOptions } from "./report/render-report.ts";
export { renderReport } from "./report/render-report.ts";
