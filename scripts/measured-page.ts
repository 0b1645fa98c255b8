/** The README's section "Measured", from `docs/measured.json`. Pure but for the paths. */
import { resolve } from 'node:path';
import type { BatchNumbers, KillNumbers, Measured, StageNumbers } from './measured.ts';

export const README = resolve(__dirname, '../README.md');
export const MEASURED = resolve(__dirname, '../docs/measured.json');

const BEGIN = '<!-- measured: npm run measure -->';
const END = '<!-- measured: end -->';

/** `page` with the section between its marks made anew, not laid out yet; what was not measured is left out. Throws if it has no marks. */
export function withMeasured(page: string, measured: Partial<Measured>): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`README.md has no ${BEGIN} … ${END}`);
  return `${page.slice(0, from)}${BEGIN}\n\n${sections(measured).join('\n\n')}\n\n${page.slice(to)}`;
}

function sections(measured: Partial<Measured>): readonly string[] {
  const { node, cores, kills, variants, lengths, fairness, commands, stages, batch } = measured;
  return [
    `On Node ${node ?? ''} with ${String(cores ?? '')} cores; \`npm run measure\` measures again and writes this section.`,
    ...(kills === undefined ? [] : [killText(kills)]),
    ...(variants === undefined
      ? []
      : [
          `**No false alarms.** ${n(variants.variants)} correct pagers of other makes, ${n(variants.seeds)} seeds each, ${n(variants.programs)} programs in ${n(variants.minutes)} minutes: ${n(variants.alarms)} checks failed.`,
        ]),
    ...(lengths === undefined
      ? []
      : [
          `**Short counterexamples.** ${n(lengths.programs)} failing programs of ${n(lengths.mistakes)} wrong pagers, ${n(lengths.before)} operations long (median), come out with ${n(lengths.after)}; ${n(lengths.shortest)} are as short as the shortest known for their mistake, none is more than ${n(lengths.longest)} longer.`,
        ]),
    ...(fairness === undefined
      ? []
      : [
          `**Fair.** Of ${n(fairness.mutants)} planted bugs ${n(fairness.free)} are free, and the dearest whose rule is not fundamental costs ${n(fairness.dearest)} %. ${n(fairness.pairs)} pairs of bugs: ${n(fairness.betterPairs)} score better than either alone. ${n(fairness.reseeded)} bugs on ${n(fairness.seeds)} seeds: ${n(fairness.steady)} score the same on all; the furthest moves by ${n(fairness.furthest)} %.`,
        ]),
    ...(commands === undefined
      ? []
      : [
          '**Fast.** Whole processes, from the command line to the prompt, median of five (least and most in brackets):',
          table(
            ['what', 'time', 'times an empty Node process'],
            commands.map(({ what, median, least, most, ratio }) => [
              what,
              `${seconds(median)} (${seconds(least)} to ${seconds(most)})`,
              n(ratio),
            ]),
          ),
        ]),
    ...(stages === undefined ? [] : [stageText(stages)]),
    ...(batch === undefined ? [] : [batchText(batch)]),
  ];
}

function batchText(batch: readonly BatchNumbers[]): string {
  return [
    '**A class.** Submissions for `lazy-pager`, a quarter each: correct pagers, pagers with one mistake, cheats, and what does not compile or is not finished; `grade.ts batch` from the command line to the prompt.',
    table(
      ['submissions', 'time', 'a minute', 'peak memory', 'of the command itself'],
      batch.map(({ submissions, seconds: time, peakMb, ownPeakMb }) => [
        n(submissions),
        `${n(time)} s`,
        ((60 * submissions) / time).toFixed(1),
        `${n(peakMb)} MiB`,
        `${n(ownPeakMb)} MiB`,
      ]),
    ),
  ].join('\n\n');
}

function stageText({ stages, programs, operations, changes }: StageNumbers): string {
  const total = Object.values(stages).reduce((sum, ms) => sum + ms, 0);
  const rate = (count: number): string => n(Math.round((1000 * count) / total));
  const shares = Object.entries(stages).map(
    ([stage, ms]) => `${stage} ${n(Math.round((100 * ms) / total))} %`,
  );
  return `**Where the time goes.** What a default run plays, in one process without confinement: ${rate(programs)} programs, ${rate(operations)} operations, ${rate(changes)} distinct state-changing operations a second; ${shares.join(', ')}. What a failure adds (reducing and explaining it) is the difference between “noticed” and “explained” above.`;
}

function killText(kills: readonly KillNumbers[]): string {
  const total = (key: 'mutants' | 'doubles' | 'killed' | 'rightRule' | 'keosAlone'): number =>
    kills.reduce((sum, each) => sum + (each[key] ?? 0), 0);
  const hasKeos = kills.every(({ keosAlone }) => keosAlone !== undefined);
  const all = total('mutants') + total('doubles');
  const rows = kills.map((each) => [
    `\`${each.assignment}\``,
    `${n(each.mutants)} + ${n(each.doubles)}`,
    n(each.killed),
    n(each.rightRule),
    ...(hasKeos ? [n(each.keosAlone ?? 0)] : []),
    ...[...each.noticed, ...each.reported].map(seconds),
  ]);
  return [
    `**Bugs found.** ${n(total('mutants'))} planted bugs and ${n(total('doubles'))} pairs of them: ${n(total('killed'))} of ${n(all)} noticed by the default run, ${n(total('rightRule'))} with the right rule.${hasKeos ? ` The re-created tests of KeOS alone would notice ${n(total('keosAlone'))}.` : ''}`,
    table(
      [
        'assignment',
        'bugs + pairs',
        'found',
        'right rule',
        ...(hasKeos ? ['KeOS’s tests alone'] : []),
        'noticed after, median',
        '95 %',
        'explained after, median',
        '95 %',
      ],
      rows,
    ),
  ].join('\n\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** With commas at the thousands. */
function n(value: number): string {
  return value.toLocaleString('en-GB');
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}
