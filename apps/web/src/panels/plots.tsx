/** Curves over time at the crosshair and in regions, responses, spectra, scalp maps, the region's fingerprint. */
import type { Sensor } from "@quintet/core";
import type { SceneVolume, StationCurve, StationPlots } from "@quintet/view";
import { scalpMap } from "@quintet/view";
import { useEffect, useState } from "react";
import { getJson } from "../data/api.ts";
import { shownVolumes } from "../state/picture-of.ts";
import { regionHere } from "../state/readings.ts";
import { channelNamed, modalityColour } from "../state/sensors.ts";
import { unitOf } from "../state/view-state.ts";
import { useFrame, useSession, useView } from "../ui.tsx";
import { useWords } from "../words/index.ts";
import { Fingerprint } from "./fingerprint.tsx";
import { NumberField } from "./number-field.tsx";
import type { PlotSeries } from "./plot.tsx";
import { Plot } from "./plot.tsx";

const palette = ["#57b6f0", "#f08a4b", "#8be0b2", "#f06ba8", "#b48ef0", "#e0c95c", "#9aa7b4", "#ff7b7b"];
const pick = (i: number): string => palette[i % palette.length] as string;

export function Plots(): React.JSX.Element {
  const session = useSession();
  const words = useWords();
  useFrame();
  const [plots, setPlots] = useState<StationPlots>();
  const [fault, setFault] = useState<string>();
  const { subject } = session.scene;
  useEffect(() => {
    getJson<StationPlots>(`/api/plots?subject=${encodeURIComponent(subject)}`).then(setPlots, (why: Error) =>
      setFault(why.message),
    );
  }, [subject]);
  const moving = session.scene.volumes.filter(({ frames, role }) => frames.length > 1 && role !== "labels");
  return (
    <section aria-label={words.panels.plots}>
      <h3>{words.curveHere}</h3>
      {moving.length === 0 && <p className="soft">{words.noCurve}</p>}
      {moving.length > 0 && <CurveOver />}
      {moving.map((volume) => (
        <CurveHere key={volume.id} volume={volume} />
      ))}
      {fault !== undefined && <p className="soft">{words.noPlots}</p>}
      {plots && <Stored plots={plots} />}
    </section>
  );
}

/** Voxel or sphere; the sphere is the one whose numbers the readout shows. */
function CurveOver(): React.JSX.Element {
  const session = useSession();
  const words = useWords();
  const [over, sphere] = [useView((s) => s.curveOver), useView((s) => s.sphere)];
  return (
    <div className="row">
      <select
        value={over}
        aria-label={words.curveOver}
        onChange={(e) => session.store.set({ curveOver: e.target.value as typeof over })}
      >
        <option value="voxel">{words.curveOverVoxel}</option>
        <option value="sphere">{words.curveOverSphere}</option>
      </select>
      {over === "sphere" && (
        <span className="field">
          {words.radius}
          <NumberField
            value={sphere.radius}
            min={1}
            max={80}
            label={words.radius}
            onValue={(radius) => session.store.set({ sphere: { ...sphere, radius } }, "sphere")}
          />
          mm
        </span>
      )}
    </div>
  );
}

/** TAC or BOLD course at the crosshair, asked for when the crosshair rests. */
function CurveHere({ volume }: { readonly volume: SceneVolume }): React.JSX.Element | null {
  const session = useSession();
  const words = useWords();
  const [position, time] = [useView((s) => s.position), useView((s) => s.time)];
  const [sphere, over] = [useView((s) => s.sphere), useView((s) => s.curveOver)];
  const { unit: shownUnit, scale } = unitOf(
    volume,
    useView((s) => s.layers[volume.id]),
  );
  const [curve, setCurve] = useState<StationCurve>();
  const [log, setLog] = useState(false);
  const { subject } = session.scene;
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(() => {
      const at = position.map((v) => v.toFixed(2)).join(",");
      const drawn = { radius: String(sphere.radius), ...(sphere.share > 0 ? { share: String(sphere.share) } : {}) };
      const query = new URLSearchParams({
        subject,
        volume: volume.id,
        position: at,
        ...(over === "sphere" ? drawn : {}),
      });
      getJson<StationCurve>(`/api/curves?${query}`, { signal: stop.signal }).then(setCurve, () => {});
    }, 120);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [position, subject, volume.id, sphere, over]);
  if (!curve) return null;
  const pet = volume.modality === "pet";
  const times = scale / volume.scale;
  const inShown = (values: readonly (number | null)[]): readonly (number | null)[] =>
    values.map((v) => (v === null ? null : v * times));
  const values = inShown(curve.values);
  const first = curve.times[0] ?? 0;
  const origin = pet ? first - (curve.durations[0] ?? 0) / 2 : 0;
  const unit = pet ? 60 : 1;
  const x = curve.times.map((t) => (t - origin) / unit);
  const series: PlotSeries[] = [
    {
      name: volume.name,
      colour: modalityColour[volume.modality],
      x,
      y: values,
      ...(pet ? { halfWidths: curve.durations.map((d) => d / 2 / unit) } : {}),
    },
  ];
  const fit = curve.fit && { ...curve.fit, values: inShown(curve.fit.values) };
  if (fit) series.push({ name: `${words.fit}: ${fit.name}`, colour: "#ffffff", x, y: fit.values, dashed: true });
  return (
    <>
      <Plot
        title={over === "sphere" ? `${curve.name} (${curve.voxels})` : volume.name}
        xLabel={pet ? "min" : `${words.time} (s)`}
        yLabel={shownUnit}
        series={series}
        log={log}
        zero={pet}
        cursor={(time - origin) / unit}
        onPick={(at) => session.scrub(at * unit + origin)}
      />
      {fit && (
        <Plot
          title={words.residual}
          xLabel={pet ? "min" : `${words.time} (s)`}
          yLabel={shownUnit}
          height={110}
          zero
          series={[{ name: words.residual, colour: "#9aa7b4", x, y: values.map((v, i) => residual(v, fit.values[i])) }]}
        />
      )}
      {pet && (
        <label>
          <input type="checkbox" checked={log} onChange={(e) => setLog(e.target.checked)} />
          {words.logTime}
        </label>
      )}
    </>
  );
}

const residual = (value: number | null, fit: number | null | undefined): number | null =>
  value === null || fit === null || fit === undefined ? null : value - fit;

function Stored({ plots }: { readonly plots: StationPlots }): React.JSX.Element {
  const session = useSession();
  const words = useWords();
  const { scene } = session;
  const channel = channelNamed(
    scene,
    useView((s) => s.channel),
  )?.channel.name;
  const region = regionHere(session);
  const shown = shownVolumes(scene, session.store.get()).length;
  const { spectra } = plots;
  const spectrum = spectra?.channels.filter(({ name }) => name === channel || spectra.marked.includes(name));
  const sensors = (modality: string): readonly Sensor[] =>
    scene.sensors
      .filter((s) => s.modality === modality)
      .map(({ name, position }): Sensor => ({ name, kind: "electrode", position }));
  return (
    <>
      {plots.fingerprint.length > 0 && shown > 0 && <Fingerprint rows={plots.fingerprint} region={region} />}
      {plots.curves.length > 0 && <h3>{words.curveRegion}</h3>}
      {plots.curves.map((curve) => (
        <Plot
          key={`${curve.stream} ${curve.name}`}
          title={curve.name}
          xLabel={`${words.time} (s)`}
          yLabel={curve.unit}
          series={[
            { name: curve.name, colour: modalityColour[curve.modality], x: curve.times, y: curve.values },
            ...(curve.fit
              ? [
                  {
                    name: `${words.fit}: ${curve.fit.name}`,
                    colour: "#ffffff",
                    x: curve.times,
                    y: curve.fit.values,
                    dashed: true,
                  },
                ]
              : []),
          ]}
        />
      ))}
      {plots.responses.length > 0 && <h3>{words.responses}</h3>}
      {plots.responses.map((r) => (
        <Plot
          key={`${r.modality} ${r.name} ${r.condition}`}
          title={`${words.modalities[r.modality]} ${r.name}, ${r.condition} (n = ${r.trials})`}
          xLabel={`${words.time} (s)`}
          yLabel={r.unit}
          cursor={0}
          series={r.series.map((s, i) => ({
            name: s.name,
            colour: seriesColour(s.name, i),
            x: r.time,
            y: s.values,
            ...(s.se ? { error: s.se } : {}),
          }))}
        />
      ))}
      {spectra && spectrum && (
        <>
          <h3>{words.spectra}</h3>
          <Plot
            title={spectra.method}
            xLabel="Hz"
            yLabel={spectra.unit}
            logY
            series={(spectrum.length > 0 ? spectrum : spectra.channels.slice(0, 4)).slice(0, 8).map((s, i) => ({
              name: s.name,
              colour: s.name === channel ? "#ffffff" : pick(i),
              x: spectra.frequencies,
              y: s.values,
            }))}
          />
        </>
      )}
      {plots.topographies.length > 0 && <h3>{words.topographies}</h3>}
      <div className="scalps">
        {plots.topographies.map((t) => (
          <div
            key={`${t.modality} ${t.name}`}
            // biome-ignore lint/security/noDangerouslySetInnerHtml: markup of view's own templates, which escape every text
            dangerouslySetInnerHTML={{ __html: scalpMap(t, sensors(t.modality)).markup }}
          />
        ))}
      </div>
    </>
  );
}

const seriesColour = (name: string, i: number): string =>
  /hbo/i.test(name) ? "#ff7b7b" : /hbr|hhb/i.test(name) ? "#7fb0ff" : pick(i);
