/** `doctor`: whether this machine can grade, how well it is walled, and what to do about what is missing. */
import { wrap } from '../reporters/text-layout.ts';
import { isUp, type Layer } from '../runner/layer-names.ts';
import type { LayerState } from '../runner/layer-report.ts';
import { GRADER_VERSION } from '../runner/version.ts';
import type { CommandLine } from './command-line.ts';
import { UsageError } from './errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { type Finding, machineFindings } from './machine-findings.ts';
import type { Screen } from './screen.ts';

/** As far as what was seen. */
const INDENT = ' '.repeat(22);

const MARK = { good: '✓', poor: '!', bad: '✗' } as const;

/** Looks at everything and prints it. Exit code 3 if submissions cannot be graded here. */
export async function doctorCommand(line: CommandLine, screen: Screen): Promise<ExitCode> {
  const [operand] = line.operands;
  if (operand !== undefined)
    throw new UsageError(`"doctor" takes no "${operand}": it looks at the machine.`);
  const findings = [...machineFindings()];
  const layers = await layersHere(findings);
  if (line.has('json')) {
    const report = { version: GRADER_VERSION, findings, layers };
    screen.print(`${JSON.stringify(report, null, 2)}\n`);
  } else {
    screen.print(page(findings, layers, screen));
  }
  return findings.some(({ is }) => is === 'bad') ? EXIT.trouble : EXIT.done;
}

/** If no process can be started, that is a finding, and there are no layers. */
async function layersHere(findings: Finding[]): Promise<readonly LayerState[]> {
  const { reportLayers } = await import('../runner/layer-report.ts');
  try {
    return await reportLayers();
  } catch (error) {
    findings.push({
      what: 'processes',
      is: 'bad',
      seen: 'none could be started for student code',
      advice: error instanceof Error ? error.message : String(error),
    });
    return [];
  }
}

function page(
  findings: readonly Finding[],
  layers: readonly LayerState[],
  { colors, width }: Screen,
): string {
  const paint = { good: colors.green, poor: colors.yellow, bad: colors.red };
  const lines: string[] = [];
  const row = (is: Finding['is'], what: string, seen: string, advice?: string | null): void => {
    lines.push(`  ${paint[is](MARK[is])} ${what.padEnd(17)} ${seen}`);
    if (advice !== undefined && advice !== null)
      lines.push(...wrap(`${INDENT}→ ${advice}`, width, `${INDENT}  `));
  };
  lines.push(colors.bold('This machine'));
  for (const { is, what, seen, advice } of findings) row(is, what, seen, advice);
  lines.push('', colors.bold('Walls around student code'));
  for (const { layer, state, purpose, advice } of layers)
    row(
      state === 'missing' ? 'poor' : 'good',
      layer,
      state === 'spare' ? 'not needed: bwrap is there' : purpose,
      advice,
    );
  const active = layers.filter(({ state }) => state === 'active').map(({ layer }) => layer);
  lines.push('', `layers active: ${active.join(', ')}`, '', verdict(findings, active), '');
  return lines.join('\n');
}

function verdict(findings: readonly Finding[], active: readonly Layer[]): string {
  if (findings.some(({ is }) => is === 'bad'))
    return 'Submissions cannot be graded here yet: see ✗ above.';
  return isUp('unshare', active)
    ? 'Ready to grade, also what strangers have handed in.'
    : 'Ready to grade your own code. For what strangers hand in, put up the walls that are missing.';
}
