/** Names of people, made comparable. Two names are the same if their keys are; nothing is taken for nearly the same. */

/** What is put around text that begins like a formula: Canvas writes `="=x"`, most others `'=x`. */
const GUARDED = /^(?:="(?<quoted>.*)"|'(?<marked>[=+@-].*))$/su;

/** A name as people write it: "Lovelace, Ada" is "Ada Lovelace". */
export function plainName(name: string): string {
  const text = bare(name);
  const { last, first } = /^(?<last>[^,]+), ?(?<first>.+)$/u.exec(text)?.groups ?? {};
  return last === undefined || first === undefined ? text : `${first} ${last}`;
}

/** Equal for names that differ only in case, in spaces, in how letters are composed, or in the order "Last, First". Empty for no name. */
export function nameKey(name: string): string {
  return plainName(name).toLowerCase().normalize('NFC');
}

/** What Canvas may make of a name for the names of files: its letters and digits, beginning with any of its words ("vanrossumguido"). */
export function fileNameKeys(name: string): readonly string[] {
  const words = bare(name).split(' ');
  const orders = words.map((_, first) => [...words.slice(first), ...words.slice(0, first)]);
  return [...new Set(orders.map((order) => lettersOnly(order.join(''))))];
}

/** Letters and digits, in lower case. */
export function lettersOnly(text: string): string {
  return text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '');
}

function bare(name: string): string {
  const trimmed = name.trim();
  const { quoted, marked } = GUARDED.exec(trimmed)?.groups ?? {};
  return (quoted ?? marked ?? trimmed).normalize('NFC').replace(/\s+/gu, ' ').trim();
}
