const LONGEST = 120;

/**
 * A name from a submission, fit for a sentence: in double quotes, cut when long, and with everything that could move a cursor,
 * reorder a line or hide text written as `\u{…}`.
 */
export function quote(name: string): string {
  const shown = name.length > LONGEST ? `${name.slice(0, LONGEST)}…` : name;
  const safe = shown.replace(
    /["\p{C}\p{Zl}\p{Zp}]/gu,
    (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`,
  );
  return `"${safe}"`;
}

/** The first few of `names`, quoted, and how many more there are. */
export function quoteSome(names: readonly string[], most = 5): string {
  const some = names.slice(0, most).map(quote).join(', ');
  return names.length > most ? `${some} and ${names.length - most} more` : some;
}
