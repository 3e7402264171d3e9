export type { ColourMapName, Rgb } from "./colour/colour-map.ts";
export { colourAt, colourMapNames, colourTable } from "./colour/colour-map.ts";
export type { Axis } from "./plots/axis.ts";
export { along, axisTicks, readable } from "./plots/axis.ts";
export type { LinePlot, PlotSpan, Series } from "./plots/line-plot.ts";
export { linePlot } from "./plots/line-plot.ts";
export type { BoldView } from "./report/bold-view.ts";
export type { DatView } from "./report/dat-page.ts";
export { renderDatPage } from "./report/dat-page.ts";
export type { DisplayUnit } from "./report/display-unit.ts";
export { displayUnit } from "./report/display-unit.ts";
export type { EegCleanPageOptions, EegCleanView } from "./report/eeg-clean-page.ts";
export { renderEegCleanPage } from "./report/eeg-clean-page.ts";
export type { EegCleaning, EegComponentView, EegSources, EegTrials, MedianSpectrum } from "./report/eeg-view.ts";
export type { FnirsTomography } from "./report/fnirs-tomography-view.ts";
export type { Html, HtmlPart } from "./report/html.ts";
export { escapeHtml, html } from "./report/html.ts";
export type { KineticsPageOptions } from "./report/kinetics-page.ts";
export { renderKineticsPage } from "./report/kinetics-page.ts";
export type { KineticRegion, KineticsView } from "./report/kinetics-view.ts";
export type {
  Anatomy,
  Answer,
  Availability,
  ClockTrack,
  Curve,
  EegView,
  FnirsView,
  HeadView,
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
export type { NirsGlmView } from "./report/nirs-glm-page.ts";
export { renderNirsGlmPage } from "./report/nirs-glm-page.ts";
export type { PetQcPageOptions } from "./report/pet-qc-page.ts";
export { renderPetQcPage } from "./report/pet-qc-page.ts";
export type { PetQcView } from "./report/pet-qc-view.ts";
export type { PetReconPageOptions } from "./report/pet-recon-page.ts";
export { renderPetReconPage } from "./report/pet-recon-page.ts";
export type { CountCourse, MotionCourse, PetReconFrame, PetReconTerm, PetReconView } from "./report/pet-recon-view.ts";
export type { ReconSettings } from "./report/recon-settings.ts";
export type { ReportOptions } from "./report/render-report.ts";
export { renderReport } from "./report/render-report.ts";
export type { SiscomClusterRow, SiscomPageOptions, SiscomTable, SiscomView } from "./report/siscom-page.ts";
export { renderSiscomPage } from "./report/siscom-page.ts";
export type { SpectReconPageOptions } from "./report/spect-recon-page.ts";
export { renderSpectReconPage } from "./report/spect-recon-page.ts";
export type { SpectReconView, SpectViews } from "./report/spect-recon-view.ts";
export { contourPath } from "./slices/contour.ts";
export { fieldOfView } from "./slices/field-of-view.ts";
export { meshContourPath } from "./slices/mesh-contour.ts";
export type { FieldOfView, PlaneName, PlaneOptions, SideConvention, SlicePlane } from "./slices/plane.ts";
export { onPlane, slicePlane } from "./slices/plane.ts";
export type { Picture } from "./slices/png.ts";
export { encodePng } from "./slices/png.ts";
export { sampleMask, sampleSlice } from "./slices/sample.ts";
export type {
  PictureStore,
  SensorDot,
  SliceFigureOptions,
  SliceMarker,
  StackedPicture,
} from "./slices/slice-figure.ts";
export { pictureStore, sliceFigure } from "./slices/slice-figure.ts";
export type {
  DecisionRequest,
  EventsTable,
  FingerprintRow,
  FittedCurve,
  RecordingWindow,
  RunMessage,
  StationCurve,
  StationEvent,
  StationPlots,
} from "./station/api.ts";
export type { AlphaRamp, LayerLook } from "./station/blend.ts";
export { alphaOf, alphaRamp, blend } from "./station/blend.ts";
export type { Camera, CameraAxes } from "./station/camera.ts";
export { cameraAxes, cameraMatrix, project, sightLine } from "./station/camera.ts";
export { errorP95 } from "./station/error-p95.ts";
export type { FrameAt, Span } from "./station/frame-at.ts";
export { frameAt, frameStep } from "./station/frame-at.ts";
export type { LayoutName, LayoutOptions, Pane } from "./station/layout.ts";
export { layoutNames, layoutPanes, paneAt } from "./station/layout.ts";
export type { Spot } from "./station/pick.ts";
export { meshHit, spotAt } from "./station/pick.ts";
export { planeSegments } from "./station/plane-segments.ts";
export type { EdgeLetters, PlaneFrame, PlaneView } from "./station/plane-view.ts";
export { edgeLetters, pixelAt, planeFrame, planeNames, planeNormal, worldAt } from "./station/plane-view.ts";
export type { HandRegion, RegionStats } from "./station/region-stats.ts";
export { regionStats, regionVoxels } from "./station/region-stats.ts";
export type {
  Scene,
  SceneClock,
  SceneDecision,
  SceneRecording,
  SceneRegistration,
  SceneSensor,
  SceneSource,
  SceneSurface,
  SceneTimeMap,
  SceneVolume,
} from "./station/scene.ts";
export { parseTime, sigmaText, timeText, timeTicks } from "./station/time-axis.ts";
export type { TraceRow } from "./station/trace-raster.ts";
export { extremesOf, pixelColour, rasterTraces } from "./station/trace-raster.ts";
export type { BlockRanges } from "./station/visible-box.ts";
export { blockRanges, visibleBox } from "./station/visible-box.ts";
export { valueAt } from "./station/volume-value.ts";
export type { CortexMap, CortexMapsPageOptions } from "./surfaces/cortex-maps-page.ts";
export { renderCortexMapsPage } from "./surfaces/cortex-maps-page.ts";
export type { ProjectedSurface, ProjectionsPageOptions } from "./surfaces/projections-page.ts";
export { renderProjectionsPage } from "./surfaces/projections-page.ts";
export type { SurfacePaint, SurfaceView, SurfaceViewOptions } from "./surfaces/surface-view.ts";
export { surfacePicture, surfaceViews } from "./surfaces/surface-view.ts";
export { montageSketch } from "./topography/montage-sketch.ts";
export { scalpMap } from "./topography/scalp-map.ts";
export { traceStack } from "./traces/trace-stack.ts";
