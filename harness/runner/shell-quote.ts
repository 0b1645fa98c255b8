/** A path as one word of a shell, and never an option. */
export function shellQuoted(path: string): string {
  const word = path.startsWith('-') ? `./${path}` : path;
  if (/^[\w./:@%+=,-]+$/u.test(word)) return word;
  if (!/\p{Cc}/u.test(word)) return `'${word.replace(/'/gu, `'\\''`)}'`;
  const escaped = word
    .replace(/[\\']/gu, '\\$&')
    .replace(/\p{Cc}/gu, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return `$'${escaped}'`;
}
