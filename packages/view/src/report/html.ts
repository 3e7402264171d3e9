/**
 * Markup that is safe by construction: everything put into a template is escaped unless it is `Html` itself.
 *
 * @example html`<td>${name}</td>` escapes name; html`<tr>${cells}</tr>` joins a list of Html
 */
export interface Html {
  readonly markup: string;
}

export type HtmlPart = Html | string | number | undefined | readonly HtmlPart[];

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => entities[c] as string);
}

function markupOf(part: HtmlPart): string {
  if (part === undefined) return "";
  if (typeof part === "string") return escapeHtml(part);
  if (typeof part === "number") return String(part);
  if ("markup" in part) return part.markup;
  return part.map(markupOf).join("");
}

export function html(strings: TemplateStringsArray, ...parts: HtmlPart[]): Html {
  return { markup: strings.reduce((text, s, i) => text + markupOf(parts[i - 1]) + s) };
}

/** Markup written by this package (style sheet, script, path data). Never for text from a study. */
export function trusted(markup: string): Html {
  return { markup };
}

/** A word for ids and anchors: letters, digits, hyphens; never empty. */
export function slug(text: string): string {
  return (
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-+|-+$/g, "") || "x"
  );
}
