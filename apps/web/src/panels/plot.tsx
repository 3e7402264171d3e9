/** A small plot: lines, points, spans as bars, on axes with units; a click on it gives the x there. */
import type { Axis } from "@quintet/view";
import { along, axisTicks } from "@quintet/view";

export interface PlotSeries {
  readonly name: string;
  readonly colour: string;
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
  readonly dashed?: boolean;
  /** Half widths of the spans each point was measured over: drawn as bars. */
  readonly halfWidths?: readonly number[];
  /** Band about the line. */
  readonly error?: readonly number[];
}

interface PlotProps {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly PlotSeries[];
  readonly log?: boolean;
  readonly logY?: boolean;
  readonly cursor?: number;
  readonly zero?: boolean;
  readonly height?: number;
  readonly onPick?: (x: number) => void;
}

const width = 340;
const margin = { left: 50, right: 10, top: 8, bottom: 34 };

function extent(values: readonly number[], log = false): [number, number] {
  const good = values.filter((v) => Number.isFinite(v) && (!log || v > 0));
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const v of good) [low, high] = [Math.min(low, v), Math.max(high, v)];
  if (!(high >= low)) return log ? [1, 10] : [0, 1];
  if (high > low) return [low, high];
  return log ? [low / 2, low * 2] : [low - 0.5 * (Math.abs(low) || 1), low + 0.5 * (Math.abs(low) || 1)];
}

export function Plot(props: PlotProps): React.JSX.Element {
  const { title, xLabel, yLabel, series, log = false, logY = false, cursor, zero, height = 170, onPick } = props;
  const [x0, x1] = extent(
    series.flatMap((s) => s.x.flatMap((x, i) => [x - (s.halfWidths?.[i] ?? 0), x + (s.halfWidths?.[i] ?? 0)])),
    log,
  );
  const flat = series.flatMap((s) =>
    s.y.flatMap((y, i) => (y === null ? [] : [y - (s.error?.[i] ?? 0), y + (s.error?.[i] ?? 0)])),
  );
  const [y0, y1] = extent(zero ? [...flat, 0] : flat, logY);
  const pad = logY ? 0 : 0.05 * (y1 - y0);
  const xAxis: Axis = { label: xLabel, low: x0, high: x1, log };
  const yAxis: Axis = { label: yLabel, low: y0 - (zero && y0 === 0 ? 0 : pad), high: y1 + pad, log: logY };
  const [w, h] = [width - margin.left - margin.right, height - margin.top - margin.bottom];
  const px = (x: number): number => margin.left + along(xAxis, x) * w;
  const py = (y: number): number => margin.top + (1 - along(yAxis, y)) * h;
  const path = ({ x, y }: PlotSeries): string => {
    let text = "";
    let pen = "M";
    for (const [i, v] of y.entries()) {
      const at = x[i] as number;
      if (v === null || !Number.isFinite(v) || (log && at <= 0) || (logY && v <= 0)) {
        pen = "M";
        continue;
      }
      text += `${pen}${px(at).toFixed(1)} ${py(v).toFixed(1)}`;
      pen = "L";
    }
    return text;
  };
  const pick = (event: React.MouseEvent<SVGSVGElement>): void => {
    if (!onPick) return;
    const box = event.currentTarget.getBoundingClientRect();
    const t = ((event.clientX - box.left) * (width / box.width) - margin.left) / w;
    if (t >= 0 && t <= 1) onPick(log ? x0 * (x1 / x0) ** t : x0 + t * (x1 - x0));
  };
  return (
    <figure className="plotbox">
      <figcaption>{title}</figcaption>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the time field and its keys do the same */}
      <svg
        className="plot"
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`${title}; ${xLabel}, ${yLabel}`}
        onClick={pick}
      >
        {axisTicks(yAxis, 4).map(({ at, label }) => (
          <g key={at}>
            <path className="grid" d={`M${margin.left} ${py(at)}h${w}`} />
            <text x={margin.left - 5} y={py(at) + 3.5} textAnchor="end">
              {label}
            </text>
          </g>
        ))}
        {axisTicks(xAxis, 5).map(({ at, label }) => (
          <text key={at} x={px(at)} y={height - margin.bottom + 13} textAnchor="middle">
            {label}
          </text>
        ))}
        {series.map((s) => (
          <g key={s.name} stroke={s.colour} fill="none">
            {s.error && s.x.length > 1 && <path d={band(s, px, py)} fill={s.colour} fillOpacity=".18" stroke="none" />}
            {s.halfWidths ? (
              s.x.map((x, i) => {
                const y = s.y[i];
                const half = s.halfWidths?.[i] ?? 0;
                if (y === null || y === undefined || (log && x - half <= 0 && x <= 0)) return null;
                const from = log ? Math.max(x - half, x0) : x - half;
                return <path key={x} d={`M${px(from)} ${py(y)}H${px(x + half)}`} strokeWidth="2.4" />;
              })
            ) : (
              <path d={path(s)} strokeWidth="1.4" strokeDasharray={s.dashed ? "4 3" : undefined} />
            )}
          </g>
        ))}
        {cursor !== undefined && cursor >= x0 && cursor <= x1 && (
          <path className="cursor" d={`M${px(cursor)} ${margin.top}v${h}`} />
        )}
        <path className="axis" d={`M${margin.left} ${margin.top}v${h}h${w}`} />
        <text x={margin.left + w / 2} y={height - 5} textAnchor="middle" className="label">
          {xLabel}
        </text>
        <text transform={`translate(11 ${margin.top + h / 2}) rotate(-90)`} textAnchor="middle" className="label">
          {yLabel}
        </text>
      </svg>
      {series.length > 1 && (
        <ul className="legend">
          {series.slice(0, 12).map((s) => (
            <li key={s.name}>
              <i style={{ background: s.colour }} />
              {s.name}
            </li>
          ))}
        </ul>
      )}
    </figure>
  );
}

function band({ x, y, error }: PlotSeries, px: (x: number) => number, py: (y: number) => number): string {
  const good = x.flatMap((at, i) => {
    const [v, e] = [y[i], error?.[i]];
    return v === null || v === undefined || e === undefined ? [] : [{ at, v, e }];
  });
  const upper = good.map(({ at, v, e }) => `${px(at).toFixed(1)} ${py(v + e).toFixed(1)}`);
  const lower = good.toReversed().map(({ at, v, e }) => `${px(at).toFixed(1)} ${py(v - e).toFixed(1)}`);
  return good.length > 1 ? `M${[...upper, ...lower].join("L")}Z` : "";
}
