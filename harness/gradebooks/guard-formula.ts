/** Text that a spreadsheet would compute, as `summary.csv` guards it: an apostrophe in front. */

/** Signed numbers, telephone numbers, and the "-" that stands for nothing. */
const NUMBER = /^\s*[+-]?[\d\s.,()/-]*$/u;
/** A text in quotes, computed to itself: so guards Canvas. */
const CONSTANT = /^="[^"]*"$/u;

/** The cell, made harmless. */
export function guardFormula(cell: string): string {
  const isFormula = /^(?:[\t\r]|\s*[=+@-])/u.test(cell);
  return isFormula && !NUMBER.test(cell) && !CONSTANT.test(cell) ? `'${cell}` : cell;
}
