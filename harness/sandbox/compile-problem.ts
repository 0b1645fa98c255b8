/**
 * Something wrong with the text of a submission. The same shape as `Problem` of the results, which this layer does not know.
 */
export interface CompileProblem {
  /** `syntax`, `import` and `limit` stop what needs the file; `type` does not. */
  readonly kind: 'syntax' | 'import' | 'limit' | 'type';
  readonly message: string;
  readonly location: SourcePlace | null;
}

/** A place in a file of the submission. Line and column count from 1. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}
