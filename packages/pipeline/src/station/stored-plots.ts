/** The report's curves as the workstation draws them: responses, spectra, topographies, fits. */
import type { FittedCurve, ReportModel, StationPlots } from "@quintet/view";

type Response = StationPlots["responses"][number];
type Numbers = ArrayLike<number>;

/** Digits that a plot can show; a file of all of them would be three times as long. */
const digits = 6;

const list = (values: Numbers, scale = 1): number[] =>
  Array.from(values, (value) => Number((value * scale).toPrecision(digits)));
/** A value that is no number has none in JSON. */
const gaps = (values: Numbers, scale = 1): (number | null)[] =>
  Array.from(values, (value) => (Number.isFinite(value) ? Number((value * scale).toPrecision(digits)) : null));

export function storedPlots(model: ReportModel): Omit<StationPlots, "fingerprint"> {
  const { eeg } = model;
  return {
    responses: [...haemodynamic(model), ...evoked(model)],
    topographies: (eeg?.topographies ?? []).map(({ name, unit, scale = 1, values }) => ({
      modality: "eeg",
      name,
      unit,
      values: values.map(({ channel, value }) => ({ channel, value: Number((value * scale).toPrecision(digits)) })),
    })),
    curves: [...kinetic(model), ...boldCourse(model)],
    ...(eeg?.spectra
      ? {
          spectra: {
            frequencies: list(eeg.spectra.frequencies),
            unit: "µV²/Hz",
            channels: eeg.spectra.channels.map(({ name, power }) => ({ name, values: list(power, 1e12) })),
            marked: eeg.spectra.marked ?? [],
            bands: eeg.bands,
            method: eeg.spectra.method,
          },
        }
      : {}),
  };
}

function haemodynamic({ fnirs }: ReportModel): readonly Response[] {
  return (fnirs?.responses ?? []).map(({ name, condition, time, hbo, hbr, channels, trials }) => ({
    modality: "fnirs",
    name,
    condition,
    unit: "µM",
    time: list(time),
    series: [
      { name: "HbO", curve: hbo },
      { name: "HbR", curve: hbr },
    ].map(({ name: series, curve: { mean, se } }) => ({
      name: series,
      values: list(mean, 1e6),
      ...(se ? { se: list(se, 1e6) } : {}),
    })),
    channels,
    trials,
  }));
}

function evoked({ eeg }: ReportModel): readonly Response[] {
  return (eeg?.evoked ?? []).map(({ name, time, channels, trials }) => ({
    modality: "eeg",
    name,
    condition: name,
    unit: "µV",
    time: list(time),
    series: channels.map(({ name: channel, mean, se }) => ({
      name: channel,
      values: list(mean, 1e6),
      ...(se ? { se: list(se, 1e6) } : {}),
    })),
    channels: channels.map(({ name: channel }) => channel),
    trials,
  }));
}

/** Times of the fits are minutes of the frames' middles; here they are seconds on the image's clock. */
function kinetic({ kinetics }: ReportModel): readonly FittedCurve[] {
  return (kinetics?.regions ?? []).map(({ region, model, time, measured, fitted, flags }) => ({
    modality: "pet",
    stream: "pet",
    region,
    name: region,
    unit: "kBq/mL",
    times: list(time, 60),
    durations: Array.from(time, () => 0),
    values: gaps(measured, 1e-3),
    fit: { name: model, values: gaps(fitted, 1e-3), note: [kinetics?.title ?? model, ...flags].join("; ") },
  }));
}

function boldCourse({ bold }: ReportModel): readonly FittedCurve[] {
  if (!bold?.course) return [];
  const { name, measured, fitted } = bold.course;
  return [
    {
      modality: "mri",
      stream: "bold",
      name,
      unit: "%",
      times: list(bold.times),
      durations: Array.from(bold.times, () => 0),
      values: gaps(measured),
      fit: { name: "general linear model", values: gaps(fitted), note: bold.note },
    },
  ];
}
