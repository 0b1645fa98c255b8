/**
 * The one place where text that a student can influence (names, messages, what their code printed) is made harmless for where it
 * will be read. `cleanText` first, always; then what the format needs.
 */

const ESC = '\u001b';
/**
 * Terminal control sequences: CSI (also in its one-byte form), OSC up to its terminator, and two-byte escapes. None can hold the start of another, so that
 * nothing is looked at again from each of many starts.
 */
const ANSI = new RegExp(
  [
    `(?:${ESC}\\[|\u009b)[0-?]*[ -/]*[@-~]`,
    `(?:${ESC}\\]|\u009d)[^\u0007${ESC}\u009c\u009d\n]*(?:\u0007|${ESC}\\\\|\u009c)`,
    `${ESC}[@-Z\\\\-_]`,
  ].join('|'),
  'g',
);
const LINE_END = /\r\n|[\r\u0085\u2028\u2029]/gu;
/**
 * What no report may contain: control characters, marks that reorder text or cannot be seen, halves of surrogate pairs, noncharacters. Joiners stay: writing
 * and emoji need them.
 */
const UNPRINTABLE = /(?![\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Noncharacter_Code_Point}]/gu;

/** Plain text: line ends are `\n`, tabs two spaces; escape sequences, control characters and direction marks are gone. */
export function cleanText(text: string): string {
  return text
    .replace(ANSI, '')
    .replace(LINE_END, '\n')
    .replace(/\t/gu, '  ')
    .replace(UNPRINTABLE, '');
}

/** Clean text on one line, spaces collapsed. */
export function oneLine(text: string): string {
  return cleanText(text).replace(/\s+/gu, ' ').trim();
}

/** Fields of a record that may have several lines; all others are names and sentences. */
const MULTILINE: ReadonlySet<string> = new Set([
  'expected',
  'observed',
  'walk',
  'hint',
  'message',
  'log',
]);

/** Longer ones come from a submission that is up to something; nobody reads them. */
const MAX_LINE = 600;
const MAX_TEXT = 10_000;
/** More of a text is not even cleaned. */
const MAX_RAW = 10 * MAX_TEXT;

/**
 * The same record with every string cleaned, shortened if it is absurdly long, and on one line unless its field may have several.
 * A replay command stays whole: half of one is of no use.
 */
export function cleanDeep<T>(record: T): T {
  return cleanValue(record, '') as T;
}

function cleanValue(value: unknown, field: string): unknown {
  if (typeof value === 'string') return cleanField(value, field);
  if (Array.isArray(value)) return value.map((item) => cleanValue(item, field));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, cleanValue(item, key)]),
  );
}

function cleanField(text: string, field: string): string {
  if (field === 'replay') return oneLine(text);
  const start = truncate(text, MAX_RAW);
  return MULTILINE.has(field)
    ? truncate(cleanText(start), MAX_TEXT)
    : oneLine(truncate(oneLine(start), MAX_LINE));
}

/**
 * Text as running Markdown: nothing in it is markup, a link, HTML, or the start of a block, and nobody is mentioned. Lines stay lines. What may still become a
 * link is the number of a commit, to that commit.
 */
export function markdownText(text: string): string {
  return cleanText(text)
    .split('\n')
    .map((line) => markdownLine(line.trim()))
    .filter((line) => line !== '')
    .join('  \n');
}

function markdownLine(line: string): string {
  return markdownInside(line).replace(/^(?:[#+=:-]|\d+(?=[.)]))/u, (start) =>
    /^\d/u.test(start) ? `${start}\\` : `\\${start}`,
  );
}

function markdownInside(text: string): string {
  return text
    .replace(/[\\`*_[\]|~$]/gu, '\\$&')
    .replace(/&/gu, '&amp;')
    .replace(/</gu, '&lt;')
    .replace(/>/gu, '&gt;')
    .replace(LINK_LIKE, `$&${ZERO_WIDTH_SPACE}`);
}

/**
 * The part of plain text behind which it must go on, for GitHub to make a link of it: of addresses of pages (`https://…`, `www.…`) and of mail, of names
 * (`@name`, `@organisation/team`), of issues (`#1`, `owner/repository#1`, `GH-1`).
 */
const LINK_LIKE = /:(?=\/\/)|www(?=\.)|@|#(?=\d)|\bGH-(?=\d)/giu;
/**
 * Cannot be seen where it is rendered. GitHub looks for links in the text that a reader gets to see, where an escaped character is like any other: only
 * another character in between helps. As a reference, so that the file itself holds nothing that cannot be seen.
 */
const ZERO_WIDTH_SPACE = '&#8203;';

/**
 * What reads like code inside a sentence: rights (`READ | USER`), numbers (`0x8000_0000_0000n`), half-open ranges, file names, calls, dotted
 * and camel-case names. Nothing in it has a meaning of its own between backticks.
 */
const CODE_LIKE = [
  String.raw`(?:READ|WRITE|EXECUTABLE|USER)(?: \| (?:READ|WRITE|EXECUTABLE|USER))+`,
  String.raw`0x[\da-fA-F_]+n?`,
  String.raw`\[\w[\w ,+]*\)`,
  String.raw`[\w-]+\.ts`,
  String.raw`[A-Za-z]\w+(?:\.[A-Za-z]\w+)+(?:\(\))?`,
  String.raw`\w+\(\)`,
  String.raw`[a-z]+[A-Z]\w*`,
  String.raw`\w+_\w+`,
];
/** Nothing of it touches a word, a backtick or another one of its kind. */
const CODE_IN_TEXT = new RegExp(`(?<![\\w\`\\\\.-])(${CODE_LIKE.join('|')})(?![\\w\`([-])`, 'gu');

/** As {@link markdownText}, with what reads like code between backticks instead of full of backslashes. */
export function markdownProse(text: string): string {
  return cleanText(text)
    .split('\n')
    .map((line) => proseLine(line.trim()))
    .filter((line) => line !== '')
    .join('  \n');
}

function proseLine(line: string): string {
  // Every second part is code; only the first can begin a block.
  return line
    .split(CODE_IN_TEXT)
    .map((part, index) =>
      index % 2 === 1 ? `\`${part}\`` : index === 0 ? markdownLine(part) : markdownInside(part),
    )
    .join('');
}

/** Text as inline code of Markdown, on one line. */
export function markdownCode(text: string): string {
  const line = oneLine(text);
  if (line === '') return '';
  const ticks = '`'.repeat(longestRun(line) + 1);
  const space = /^`|`$/u.test(line) ? ' ' : '';
  return `${ticks}${space}${line}${space}${ticks}`;
}

/** Lines as a fenced block of Markdown that nothing in them can close. */
export function markdownFence(lines: readonly string[], language = 'text'): string {
  const body = cleanText(lines.join('\n'));
  const fence = '`'.repeat(Math.max(3, longestRun(body) + 1));
  return `${fence}${language}\n${body}\n${fence}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...Array.from(text.matchAll(/`+/gu), (run) => run[0].length));
}

/** Text for xmlbuilder2, which takes whatever looks like a reference (`&lt;`, `&#0;`) for one and does not escape it. */
export function xmlText(text: string): string {
  return cleanText(text).replace(/&/gu, '&amp;');
}

/**
 * Breaks what a CI service would obey if it read it in a log: `::error::` at the start of a line, `##[…]` and `##vso[…]` anywhere.
 * Applied to whole output, colours included.
 */
export function defuseCommands(text: string): string {
  const lineStart = new RegExp(`^((?:[^\\S\\n]|${ESC}\\[[\\d;]*m)*):(?=:)`, 'gmu');
  return text.replace(lineStart, '$1: ').replace(/##(?=\w*\[)/gu, '# #');
}

/** Cuts to a length and says so. Never splits a character. */
export function truncate(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const marker = `\n… (${text.length - maxLength} more characters)`;
  return text.slice(0, maxLength).replace(/[\uD800-\uDBFF]$/u, '') + marker;
}

/** The first lines, and how many more there are. */
export function firstLines(lines: readonly string[], max: number): readonly string[] {
  if (lines.length <= max) return lines;
  return [...lines.slice(0, max), `… (${lines.length - max} more lines)`];
}
