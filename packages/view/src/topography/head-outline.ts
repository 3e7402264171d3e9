/** The head from above: circle, nose at the top, ears, and which side is which. */
import type { Html } from "../report/html.ts";
import { html } from "../report/html.ts";

export function headOutline(radius = 1): Html {
  const r = radius;
  return html`<g fill="none" stroke="#26323d" stroke-width=".025" stroke-linejoin="round"><circle r="${r.toFixed(3)}"/>
<path d="M${(-0.13 * r).toFixed(3)} ${(-0.99 * r).toFixed(3)}L0 ${(-1.14 * r).toFixed(3)}L${(0.13 * r).toFixed(3)} ${(-0.99 * r).toFixed(3)}"/>
<path d="M${(-r).toFixed(3)} -.16c-.09 -.04 -.11 .08 -.09 .16s.02 .2 .09 .16M${r.toFixed(3)} -.16c.09 -.04 .11 .08 .09 .16s-.02 .2 -.09 .16"/></g>
<g class="headside"><text x="-1.43" y="-1.34" text-anchor="start">L</text><text x="1.43" y="-1.34" text-anchor="end">R</text></g>`;
}
