/**
 * Plays the project's attacks on itself: `npm run attacks`. Prints a row for each, with the wall that stopped it, and ends with `N passed, N failed`; exit code 1 if one
 * has gained something.
 *
 * `--node <path>`: everything on another Node binary. `--only <pattern>`: attacks by id or kind (`*` and `?` as in `grade.ts --only`). `--json <file>`: the verdicts as data.
 * `--table`: only how many attacks of each kind met which wall, in Markdown.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { CORPUS } from '../harness/attacks/corpus.ts';
import { playAll, type Played } from '../harness/attacks/play-all.ts';
import { layerTable, row } from '../harness/attacks/table.ts';
import { matches } from '../harness/runner/worker-job.ts';
import { flagsOf } from './flags.ts';

const flags = flagsOf(__filename, {
  node: { type: 'string' },
  only: { type: 'string', multiple: true },
  json: { type: 'string' },
  table: { type: 'boolean', default: false },
});

/** The same command on another binary, which then is what all its processes run on. */
function onOtherNode(path: string): number {
  const args = process.argv
    .slice(2)
    .filter(
      (arg, index, all) =>
        arg !== '--node' && all[index - 1] !== '--node' && !arg.startsWith('--node='),
    );
  const { status } = spawnSync(path, ['-r', 'ts-node/register', __filename, ...args], {
    stdio: 'inherit',
  });
  return status ?? 1;
}

async function main(): Promise<number> {
  const { only } = flags;
  const attacks = CORPUS.filter(
    ({ id, kind }) =>
      only === undefined || only.some((pattern) => matches(pattern, id) || matches(pattern, kind)),
  );
  if (attacks.length === 0) {
    console.error(`There is no attack called ${String(only)}.`);
    return 2;
  }
  const played = await playAll(attacks, (one) => {
    if (!flags.table) console.log(row(one));
  });
  if (flags.table) console.log(layerTable(played).join('\n'));
  if (flags.json !== undefined)
    writeFileSync(flags.json, `${JSON.stringify(asData(played), null, 1)}\n`);
  const count = (kind: string): number =>
    played.filter(({ verdict }) => verdict.kind === kind).length;
  const leftOut = count('left out');
  console.log(`\nNode ${process.version}`);
  console.log(
    `${String(count('stopped'))} passed, ${String(count('gained'))} failed${leftOut > 0 ? `, ${String(leftOut)} skipped` : ''}`,
  );
  return count('gained') > 0 ? 1 : 0;
}

function asData(played: readonly Played[]): object {
  return {
    node: process.version,
    attacks: played.map(({ attack: { id, kind, after, from }, verdict, ms }) => ({
      id,
      kind,
      after,
      from,
      verdict,
      ms,
    })),
  };
}

if (flags.node !== undefined) process.exitCode = onOtherNode(flags.node);
else void main().then((code) => (process.exitCode = code));
