/** Numbers in cells, as the platforms write and read them. */
import { formatPoints } from '../scoring/points.ts';

/**
 * The number in a cell, or null if there is none. The last point or comma is the decimal one, any before it separate thousands: so does
 * Canvas read `1.234,5` and `1,234.5`.
 */
export function cellNumber(cell: string): number | null {
  const text = cell.trim();
  if (!/^-?\d[\d.,]*$/u.test(text)) return null;
  const parts = text.split(/[.,]/u);
  const last = parts.pop()!;
  return Number(parts.length === 0 ? last : `${parts.join('')}.${last}`);
}

/** Whether a number in these cells is written with a decimal comma; most cells may hold something else. */
export function writesComma(cells: readonly string[]): boolean {
  return cells.some((cell) => /^\s*-?[\d.]*\d,\d{1,2}\s*$/u.test(cell));
}

/** Points as a cell: at most two decimals, which is all that platforms compare. */
export function pointsCell(points: number, comma: boolean): string {
  const text = formatPoints(points);
  return comma ? text.replace('.', ',') : text;
}

/** Whether two numbers are the same to a platform, which compares two decimals. */
export function samePoints(a: number, b: number): boolean {
  return Math.round(a * 100) === Math.round(b * 100);
}
