/** Columns of plain text. */

/** A column: its heading, and on which side its cells end evenly. */
export interface Column {
  readonly head: string;
  readonly align?: 'right';
}

const GAP = '  ';

/** Lines of a table, the heading first; every row has a cell for every column. No line ends in spaces. */
export function textTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const widths = columns.map(({ head }, at) =>
    Math.max(head.length, ...rows.map((row) => row[at]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, at) => {
        const cell = cells[at] ?? '';
        return align === 'right' ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!);
      })
      .join(GAP)
      .trimEnd();
  return [line(columns.map(({ head }) => head)), ...rows.map(line)];
}
