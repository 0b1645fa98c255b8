/** A file of a source that may be read, litter left out. */
export interface ListedFile {
  /** From the top of the source, `/` between names; never leaves it. */
  readonly path: string;
  /**
   * Its bytes; null when there are more than `limit` (default: `MAX_FILE_BYTES`).
   *
   * @throws {Refusal} when they cannot be had.
   */
  read(limit?: number): Promise<Uint8Array | null>;
}
