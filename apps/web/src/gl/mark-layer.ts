/**
 * Marks on the screen and in an export. On the screen each is a small element of its own that only moves: a second canvas
 * over the whole stage would have to be blended anew, pixel by pixel, with every frame.
 */
import type { Mark } from "./marks.ts";

const font = (size: number): string =>
  `600 ${size}px/1.2 system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif`;

export class MarkLayer {
  readonly #host: HTMLElement;
  readonly #held = new Map<string, { readonly element: HTMLElement; readonly mark: Mark }>();

  constructor(host: HTMLElement) {
    this.#host = host;
  }

  show(marks: readonly Mark[]): void {
    const keys = new Set(marks.map(({ key }) => key));
    for (const [key, { element }] of this.#held) {
      if (keys.has(key)) continue;
      element.remove();
      this.#held.delete(key);
    }
    for (const mark of marks) {
      const held = this.#held.get(mark.key);
      const element = held?.element ?? this.#host.appendChild(document.createElement("span"));
      if (!held || JSON.stringify(held.mark) !== JSON.stringify(mark)) place(element, mark, held?.mark);
      this.#held.set(mark.key, { element, mark });
    }
  }
}

function place(element: HTMLElement, mark: Mark, before: Mark | undefined): void {
  const { style } = element;
  if (mark.kind === "bar") {
    element.className = "mark bar";
    style.background = mark.colour;
    // A line of full length that is scaled to its own: moving it paints nothing anew.
    style.transform = `translate(${mark.x}px, ${mark.y}px) scale(${mark.width}, ${mark.height})`;
    return;
  }
  if (mark.kind === "ring") {
    element.className = "mark ring";
    style.width = `${2 * mark.radius}px`;
    style.height = style.width;
    style.borderColor = mark.colour;
    style.transform = `translate(${mark.x - mark.radius}px, ${mark.y - mark.radius}px)`;
    return;
  }
  if (before?.kind !== "text" || before.text !== mark.text) element.textContent = mark.text;
  element.className = "mark text";
  style.font = font(mark.size);
  style.color = mark.colour;
  const shift = { left: "0", center: "-50%", right: "-100%" }[mark.align];
  style.transform = `translate(${mark.x}px, ${mark.y}px) translate(${shift}, -50%)`;
}

/** Paints marks over a picture. @param ratio device pixels per CSS pixel */
export function paintMarks(pen: CanvasRenderingContext2D, marks: readonly Mark[], ratio: number): void {
  pen.save();
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.lineJoin = "round";
  pen.textBaseline = "middle";
  for (const mark of marks) {
    if (mark.kind === "bar") {
      pen.fillStyle = mark.colour;
      pen.fillRect(mark.x, mark.y, mark.width, mark.height);
    } else if (mark.kind === "ring") {
      pen.beginPath();
      pen.arc(mark.x, mark.y, mark.radius, 0, 2 * Math.PI);
      pen.strokeStyle = mark.colour;
      pen.lineWidth = 1.5;
      pen.stroke();
    } else {
      pen.font = font(mark.size);
      pen.textAlign = mark.align;
      pen.lineWidth = 3;
      pen.strokeStyle = "rgba(0,0,0,.85)";
      pen.strokeText(mark.text, mark.x, mark.y);
      pen.fillStyle = mark.colour;
      pen.fillText(mark.text, mark.x, mark.y);
    }
  }
  pen.restore();
}
