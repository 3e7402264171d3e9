/** Numbers as people type them: with a decimal point or a decimal comma. */

/** @returns undefined for what is no number: "1.000,5" is refused, not guessed */
export function parseNumber(text: string): number | undefined {
  const plain = text.trim().replace("\u2212", "-").replace(",", ".");
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : undefined;
}

/** The same for a form's own check. */
export const numberPattern = "\\s*[+\\-\u2212]?([0-9]+[.,]?[0-9]*|[.,][0-9]+)([eE][+\\-]?[0-9]+)?\\s*";
