import type { Html } from "./html.ts";
import { html, trusted } from "./html.ts";
import { reportStyle } from "./style.ts";

/** Who made a page, and when: the program's name and version, an ISO instant. */
export interface PageMaker {
  readonly software: { readonly name: string; readonly version: string };
  readonly generatedAt: string;
}

export interface CommandPage extends PageMaker {
  /** Of the window, before the source. */
  readonly title: string;
  /** What the page is about, e.g. the file's name. */
  readonly source: string;
  /** CSS of this page alone. */
  readonly style?: string;
  /** Of the body, e.g. "rad" where cuts are shown in the radiological view. */
  readonly bodyClass?: string;
  /** Between the head of the page and its sections, e.g. pictures that several sections show. */
  readonly store?: Html;
}

/** The one page that a command writes beside its results: nothing is loaded and no script runs. */
export function commandPage(
  { title, source, software, generatedAt, style = "", bodyClass = "", store }: CommandPage,
  sections: Html,
): string {
  return `<!doctype html>\n${
    html`<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${title} · ${source}</title><style>${trusted(reportStyle)}${trusted(style)}</style></head>
<body class="${bodyClass}"><header class="top"><div class="brand"><span class="five" aria-hidden="true"><i></i><i></i><i></i><i></i><i></i></span>${software.name}</div><div class="who"><strong>${source}</strong><span>${generatedAt.slice(0, 16).replace("T", " ")}</span></div></header>
<div class="research" role="note"><strong>For research use only. Not a medical device.</strong></div>${store ?? ""}
<main>${sections}</main>
<footer>${software.name} ${software.version} · ${source} · ${generatedAt}</footer></body></html>`.markup
  }\n`;
}
