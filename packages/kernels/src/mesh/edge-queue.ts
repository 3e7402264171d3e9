const buckets = 4096;

/**
 * Edges by their length, shortest first; of one length by their lower, then their higher end.
 *
 * Edges wait unsorted in buckets of one `width` of length; only those of the bucket in turn stand in a binary heap, which so
 * stays small enough for the processor's cache. The order is that of one heap over all.
 */
export class EdgeQueue {
  /** The edge that `pop` took out: its length and ends. */
  key = 0;
  a = 0;
  b = 0;
  readonly #width: number;
  /** Waiting edges: length and ends, and the next one in its bucket (or the next free place). */
  #lengths: Float64Array;
  #ends: Int32Array;
  #after: Int32Array;
  #free = -1;
  #used = 0;
  readonly #first: Int32Array = new Int32Array(buckets).fill(-1);
  #turn = -1;
  readonly #heap = new EdgeHeap();

  constructor(capacity: number, width: number) {
    const places = Math.max(16, capacity);
    this.#width = width;
    this.#lengths = new Float64Array(places);
    this.#ends = new Int32Array(2 * places);
    this.#after = new Int32Array(places);
  }

  push(key: number, a: number, b: number): void {
    const bucket = Math.min(buckets - 1, Math.floor(key / this.#width));
    if (bucket <= this.#turn) {
      this.#heap.push(key, a, b);
      return;
    }
    let at = this.#free;
    if (at >= 0) this.#free = this.#after[at];
    else {
      at = this.#used++;
      if (at === this.#lengths.length) this.#grow();
    }
    this.#lengths[at] = key;
    this.#ends[2 * at] = a;
    this.#ends[2 * at + 1] = b;
    this.#after[at] = this.#first[bucket];
    this.#first[bucket] = at;
  }

  /** Takes the first edge out and into `key`, `a` and `b`; false when none is left. */
  pop(): boolean {
    const heap = this.#heap;
    while (heap.size === 0) {
      if (this.#turn === buckets - 1) return false;
      this.#open(++this.#turn);
    }
    this.key = heap.keys[0];
    this.a = heap.ends[0];
    this.b = heap.ends[1];
    heap.drop();
    return true;
  }

  #open(bucket: number): void {
    for (let at = this.#first[bucket]; at >= 0; ) {
      this.#heap.push(this.#lengths[at], this.#ends[2 * at], this.#ends[2 * at + 1]);
      const next = this.#after[at];
      this.#after[at] = this.#free;
      this.#free = at;
      at = next;
    }
    this.#first[bucket] = -1;
  }

  #grow(): void {
    const places = 2 * this.#lengths.length;
    const [lengths, ends, after] = [new Float64Array(places), new Int32Array(2 * places), new Int32Array(places)];
    lengths.set(this.#lengths);
    ends.set(this.#ends);
    after.set(this.#after);
    [this.#lengths, this.#ends, this.#after] = [lengths, ends, after];
  }
}

class EdgeHeap {
  keys: Float64Array = new Float64Array(1024);
  ends: Int32Array = new Int32Array(2048);
  size = 0;

  push(key: number, a: number, b: number): void {
    if (this.size === this.keys.length) this.#grow();
    const { keys, ends } = this;
    let at = this.size++;
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (!this.#before(key, a, b, up)) break;
      keys[at] = keys[up];
      ends[2 * at] = ends[2 * up];
      ends[2 * at + 1] = ends[2 * up + 1];
      at = up;
    }
    this.#put(at, key, a, b);
  }

  /** Takes the first one out. */
  drop(): void {
    const { keys, ends } = this;
    const n = --this.size;
    const [key, a, b] = [keys[n], ends[2 * n], ends[2 * n + 1]];
    let at = 0;
    for (let child = 1; child < n; child = 2 * at + 1) {
      if (child + 1 < n && this.#before(keys[child + 1], ends[2 * child + 2], ends[2 * child + 3], child)) child++;
      if (this.#before(key, a, b, child)) break;
      keys[at] = keys[child];
      ends[2 * at] = ends[2 * child];
      ends[2 * at + 1] = ends[2 * child + 1];
      at = child;
    }
    this.#put(at, key, a, b);
  }

  #before(key: number, a: number, b: number, at: number): boolean {
    const other = this.keys[at];
    if (key !== other) return key < other;
    const lower = this.ends[2 * at];
    return a !== lower ? a < lower : b < this.ends[2 * at + 1];
  }

  #put(at: number, key: number, a: number, b: number): void {
    this.keys[at] = key;
    this.ends[2 * at] = a;
    this.ends[2 * at + 1] = b;
  }

  #grow(): void {
    const [keys, ends] = [new Float64Array(2 * this.keys.length), new Int32Array(2 * this.ends.length)];
    keys.set(this.keys);
    ends.set(this.ends);
    [this.keys, this.ends] = [keys, ends];
  }
}
