/** What is made on first need and kept, unless making it fails: then the next who asks tries again. */
export class MadeOnce<T> {
  #made: Promise<T> | null = null;

  /** What was made before, or what `make` makes. Rejects as `make` does. */
  get(make: () => Promise<T>): Promise<T> {
    if (this.#made !== null) return this.#made;
    const made = make();
    this.#made = made;
    made.catch(() => {
      this.#made = null;
    });
    return made;
  }
}
