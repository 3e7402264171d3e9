/** What a MATLAB variable can be, as plain data. Arrays are column-major, as MATLAB stores them. */
export type MatValue = MatNumeric | MatChar | MatCell | MatStruct | MatUnsupported;

export type MatArray =
  | Float64Array
  | Float32Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

export interface MatNumeric {
  readonly kind: "numeric";
  /** "double", "single", "int8" ... "logical"; 64-bit integers come as doubles. */
  readonly type: string;
  readonly shape: readonly number[];
  readonly data: MatArray;
  readonly imaginary?: MatArray;
}

export interface MatChar {
  readonly kind: "char";
  readonly shape: readonly number[];
  /** One string per row, trailing blanks cut. */
  readonly rows: readonly string[];
}

export interface MatCell {
  readonly kind: "cell";
  readonly shape: readonly number[];
  readonly cells: readonly MatValue[];
}

export interface MatStruct {
  readonly kind: "struct";
  readonly shape: readonly number[];
  /** Each field holds one value per element of the struct array. */
  readonly fields: ReadonlyMap<string, readonly MatValue[]>;
}

/** Function handles, tables, objects: known to be there, not read. */
export interface MatUnsupported {
  readonly kind: "unsupported";
  readonly type: string;
}

/** One field of one element of a struct (array). */
export function matField(value: MatValue | undefined, name: string, element = 0): MatValue | undefined {
  return value?.kind === "struct" ? value.fields.get(name)?.[element] : undefined;
}

/** How many elements a value really holds, whatever its shape claims; of a char matrix, its rows. */
export function matLength(value: MatValue | undefined): number {
  switch (value?.kind) {
    case "numeric":
      return value.data.length;
    case "char":
      return value.rows.length;
    case "cell":
      return value.cells.length;
    case "struct":
      return value.fields.values().next().value?.length ?? 0;
    default:
      return 0;
  }
}

/** A scalar number; text that is a number does not count. */
export function matNumber(value: MatValue | undefined): number | undefined {
  return value?.kind === "numeric" && value.data.length >= 1 ? value.data[0] : undefined;
}

/** The text of a char row. */
export function matText(value: MatValue | undefined): string | undefined {
  return value?.kind === "char" ? (value.rows[0] ?? "") : undefined;
}

/** All numbers of a numeric array, column-major. */
export function matNumbers(value: MatValue | undefined): MatArray | undefined {
  return value?.kind === "numeric" ? value.data : undefined;
}

/** Strings of a cell of chars, or the rows of a char matrix. */
export function matTexts(value: MatValue | undefined): readonly string[] {
  if (value?.kind === "char") return value.rows;
  return value?.kind === "cell" ? value.cells.map((cell) => matText(cell) ?? "") : [];
}

/** Rows of a column-major char matrix; a matrix without characters has none, however many rows it claims. */
export function charRows(codes: ArrayLike<number>, shape: readonly number[]): string[] {
  const rows = codes.length === 0 ? 0 : (shape[0] ?? 0);
  const columns = rows === 0 ? 0 : codes.length / rows;
  return Array.from({ length: rows }, (_, r) => {
    let text = "";
    for (let c = 0; c < columns; c++) text += String.fromCharCode(codes[c * rows + r] as number);
    return text.replace(/[ \0]+$/, "");
  });
}
