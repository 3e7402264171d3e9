/** Little-endian bytes that grow at their end. */
export class Bytes {
  private held: Uint8Array<ArrayBuffer> = new Uint8Array(256);
  private view: DataView = new DataView(this.held.buffer);
  length = 0;

  /** Where to write; it may move the bytes, so it comes before any use of them. */
  private room(more: number): number {
    const at = this.length;
    this.length += more;
    if (this.length > this.held.length) {
      const larger = new Uint8Array(Math.max(2 * this.held.length, this.length));
      larger.set(this.held);
      this.held = larger;
      this.view = new DataView(larger.buffer);
    }
    return at;
  }

  u8(value: number): this {
    const at = this.room(1);
    this.view.setUint8(at, value);
    return this;
  }

  u16(value: number): this {
    const at = this.room(2);
    this.view.setUint16(at, value, true);
    return this;
  }

  u32(value: number): this {
    const at = this.room(4);
    this.view.setUint32(at, value, true);
    return this;
  }

  /** A length or place; -1 stands for "undefined". */
  u64(value: number): this {
    const at = this.room(8);
    this.view.setBigInt64(at, BigInt(value), true);
    return this;
  }

  text(value: string): this {
    return this.raw(new TextEncoder().encode(value));
  }

  raw(bytes: Uint8Array): this {
    const at = this.room(bytes.length);
    this.held.set(bytes, at);
    return this;
  }

  zeros(count: number): this {
    this.room(count);
    return this;
  }

  /** Zeros until the length, counted from `origin`, is a multiple of `step`. */
  align(step: number, origin = 0): this {
    return this.zeros((step - ((this.length - origin) % step)) % step);
  }

  /** Writes over a place or length that was not known before. */
  put64(at: number, value: number): void {
    this.view.setBigInt64(at, BigInt(value), true);
  }

  done(): Uint8Array<ArrayBuffer> {
    return this.held.slice(0, this.length);
  }
}
