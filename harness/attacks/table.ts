/** Verdicts as lines of text. */
import type { Played } from './play-all.ts';
import { LAYERS, type Layer, type Verdict } from './verdict.ts';

const SEEN = 300;

/** One attack: its name, its kind, the wall that stopped it, what was seen, how long it took. */
export function row({ attack, verdict, ms }: Played): string {
  const [by, seen] = inColumns(verdict);
  const cells = [
    attack.id.padEnd(42),
    attack.kind.padEnd(10),
    by.padEnd(19),
    `${String(ms)} ms`.padStart(8),
  ];
  return `${cells.join(' ')}  ${oneLine(seen)}`.trimEnd();
}

/** A table in Markdown: how many attacks of each kind met which wall. */
export function layerTable(played: readonly Played[]): readonly string[] {
  const kinds = [...new Set(played.map(({ attack }) => attack.kind))];
  const walls = [...LAYERS, 'nothing gained', 'left out', 'FAILED'] as const;
  const lines = walls
    .map(
      (wall) =>
        [
          wall,
          ...kinds.map(
            (kind) =>
              played.filter(
                ({ attack, verdict }) => attack.kind === kind && inColumns(verdict)[0] === wall,
              ).length,
          ),
        ] as const,
    )
    .filter(([, ...counts]) => counts.some((count) => count > 0));
  return [
    `| stopped by | ${kinds.join(' | ')} |`,
    `| --- |${kinds.map(() => ' ---: |').join('')}`,
    ...lines.map(
      ([wall, ...counts]) =>
        `| ${wall} | ${counts.map((count) => (count === 0 ? '' : String(count))).join(' | ')} |`,
    ),
    `| all | ${kinds.map((kind) => String(played.filter(({ attack }) => attack.kind === kind).length)).join(' | ')} |`,
  ];
}

/** What stopped an attack, if something did, and what told so. */
function inColumns(verdict: Verdict): readonly [by: Layer | 'FAILED' | 'left out', seen: string] {
  switch (verdict.kind) {
    case 'stopped':
      return [verdict.by, verdict.seen];
    case 'gained':
      return ['FAILED', verdict.what];
    case 'left out':
      return ['left out', verdict.why];
  }
}

/** What was seen may hold anything. */
function oneLine(text: string): string {
  const line = text.replace(/[\s\p{C}]+/gu, ' ').trim();
  return line.length > SEEN ? `${line.slice(0, SEEN)}…` : line;
}
