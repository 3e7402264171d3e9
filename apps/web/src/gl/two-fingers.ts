/** Two fingers on the picture: how far their middle moved and how far they spread, from one event to the next. */

export interface FingerMove {
  /** CSS pixels that the middle moved. */
  readonly dx: number;
  readonly dy: number;
  /** Their distance now over what it was. */
  readonly spread: number;
}

export class TwoFingers {
  readonly #at = new Map<number, { x: number; y: number }>();

  /** @returns true when this is the second of two */
  down(event: Pick<PointerEvent, "pointerId" | "pointerType" | "clientX" | "clientY">): boolean {
    if (event.pointerType !== "touch") return false;
    this.#at.set(event.pointerId, { x: event.clientX, y: event.clientY });
    return this.#at.size === 2;
  }

  /** @returns undefined unless two fingers are down and this is one of them */
  move(event: Pick<PointerEvent, "pointerId" | "clientX" | "clientY">): FingerMove | undefined {
    const held = this.#at.get(event.pointerId);
    const other = [...this.#at].find(([id]) => id !== event.pointerId)?.[1];
    if (!held || !other || this.#at.size !== 2) return undefined;
    const before = Math.hypot(held.x - other.x, held.y - other.y);
    const [dx, dy] = [(event.clientX - held.x) / 2, (event.clientY - held.y) / 2];
    [held.x, held.y] = [event.clientX, event.clientY];
    const after = Math.hypot(held.x - other.x, held.y - other.y);
    return { dx, dy, spread: before > 0 ? after / before : 1 };
  }

  up(event: Pick<PointerEvent, "pointerId">): void {
    this.#at.delete(event.pointerId);
  }

  /** Two fingers rest on the picture: one alone does nothing until both are lifted. */
  get busy(): boolean {
    return this.#at.size > 0;
  }
}
