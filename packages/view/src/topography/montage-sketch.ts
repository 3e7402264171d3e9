/** Optodes and channels from above; a channel's coupling is shown by colour, line and number in its title. */
import { colourAt, cssColour } from "../colour/colour-map.ts";
import type { Html } from "../report/html.ts";
import { html } from "../report/html.ts";
import type { FnirsView } from "../report/model.ts";
import { headOutline } from "./head-outline.ts";
import { flatten, sphereCentre } from "./head-projection.ts";

export function montageSketch({ sensors, channels }: Pick<FnirsView, "sensors" | "channels">): Html {
  const placed = sensors.flatMap((s) => (s.position && s.kind !== "landmark" ? [s.position] : []));
  const flat = new Map(flatten(sensors, sphereCentre(placed)).map((s) => [s.name, s]));
  const lines = channels.flatMap((channel) => {
    const [a, b] = [flat.get(channel.source), flat.get(channel.detector)];
    if (!a || !b) return [];
    const bad = channel.status === "bad";
    const colour = bad ? "#a3203a" : cssColour(colourAt("cividis", 0.15 + 0.75 * (channel.coupling ?? 0.5)));
    const said = `${channel.name}: ${bad ? "bad" : "good"}${channel.coupling === undefined ? "" : `, scalp coupling ${channel.coupling.toFixed(2)}`}${channel.distance === undefined ? "" : `, ${channel.distance.toFixed(0)} mm`}`;
    return [
      html`<path d="M${a.u.toFixed(3)} ${(-a.v).toFixed(3)}L${b.u.toFixed(3)} ${(-b.v).toFixed(3)}" stroke="${colour}" stroke-width=".035"${bad ? html` stroke-dasharray=".04 .04"` : ""}><title>${said}</title></path>`,
    ];
  });
  const optodes = [...flat.values()].flatMap(({ name, kind, u, v }) => {
    const [x, y] = [u.toFixed(3), (-v).toFixed(3)];
    if (kind === "source")
      return [
        html`<rect x="${(u - 0.04).toFixed(3)}" y="${(-v - 0.04).toFixed(3)}" width=".08" height=".08" fill="#b3382c" stroke="#fff" stroke-width=".012"><title>source ${name}</title></rect>`,
      ];
    if (kind === "detector")
      return [
        html`<circle cx="${x}" cy="${y}" r=".043" fill="#1f5fa8" stroke="#fff" stroke-width=".012"><title>detector ${name}</title></circle>`,
      ];
    return [];
  });
  return html`<figure class="scalp"><svg viewBox="-1.45 -1.4 2.9 2.68" role="img" aria-label="Optode montage seen from above, nose up, patient's left on the viewer's left; ${channels.length} channels, ${channels.filter((c) => c.status === "bad").length} bad">
${headOutline()}${lines}${optodes}</svg><figcaption><strong>Montage</strong> from above, nose up, patient’s left on the viewer’s left. <span class="key"><span class="sq"></span>source</span> <span class="key"><span class="dot"></span>detector</span> <span class="key"><span class="dash"></span>bad channel</span></figcaption></figure>`;
}
