/** `diff`: two gradings of a class, or of one submission, side by side. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { diffJson } from '../reporters/diff-json.ts';
import { diffText } from '../reporters/diff-text.ts';
import type { Recorded } from '../scoring/change-cause.ts';
import { type ClassDiff, hasChanged, type Unreadable } from '../scoring/class-diff.ts';
import { compareGrades, type GradeChange } from '../scoring/compare-grades.ts';
import { parseInputKey } from '../scoring/input-key.ts';
import type { CommandLine } from './command-line.ts';
import { systemReason, UsageError } from './errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { isFile, readResult, readResults, type Result, submissionsIn } from './results-folder.ts';
import type { Screen } from './screen.ts';

/** What `batch` writes beside a result. */
const KEY = 'key.json';

/** Compares, and says what has changed. */
export async function diffCommand(line: CommandLine, screen: Screen): Promise<ExitCode> {
  const [old, now, more] = line.operands;
  if (old === undefined || now === undefined || more !== undefined) {
    throw new UsageError(
      'Which two? diff <old> <new>: two folders of results, or two results.json.',
    );
  }
  const isFile = await Promise.all([old, now].map(isOneResult));
  if (isFile[0] !== isFile[1]) {
    throw new UsageError('Give two folders of results, or two results.json, not one of each.');
  }
  const diff = isFile[0]! ? await diffFiles(old, now) : await diffFolders(old, now);
  const { colors, width, audience } = screen;
  screen.print(
    line.has('json')
      ? diffJson(diff)
      : diffText(diff, { colors, width, audience, isQuiet: line.has('quiet') }),
  );
  return line.has('exit-code') && hasChanged(diff) ? EXIT.below : EXIT.done;
}

async function isOneResult(path: string): Promise<boolean> {
  const found = await stat(path).catch((error: unknown) => {
    throw new UsageError(`Cannot read ${path}: ${systemReason(error)}.`);
  });
  return found.isFile();
}

async function diffFiles(old: string, now: string): Promise<ClassDiff> {
  const [before, after] = [await readResults(old), await readResults(now)];
  for (const [path, { reason }] of [
    [old, before],
    [now, after],
  ] as const) {
    if (reason !== null) throw new UsageError(`${path}: ${reason}.`);
  }
  const { changes } = await compared(before, after);
  return { compared: 1, changes, onlyOld: [], onlyNew: [], unreadable: [] };
}

async function diffFolders(old: string, now: string): Promise<ClassDiff> {
  const [before, after] = [await submissionsIn(old), await submissionsIn(now)];
  const there = new Set(after);
  const both = before.filter((id) => there.has(id));
  const changes: GradeChange[] = [];
  const unreadable: Unreadable[] = [];
  for (const id of both) {
    const found = await compared(await readResult(old, id), await readResult(now, id));
    changes.push(...found.changes);
    unreadable.push(...found.unreadable);
  }
  const common = new Set(both);
  return {
    compared: both.length - new Set(unreadable.map(({ submission }) => submission)).size,
    changes,
    onlyOld: before.filter((id) => !common.has(id)),
    onlyNew: after.filter((id) => !common.has(id)),
    unreadable,
  };
}

async function compared(
  before: Result,
  after: Result,
): Promise<Pick<ClassDiff, 'changes' | 'unreadable'>> {
  const [old, now] = [await recorded(before), await recorded(after)];
  if (old === null || now === null) {
    const unreadable = (
      [
        ['old', before],
        ['new', after],
      ] as const
    ).flatMap(([side, { id, reason }]) =>
      reason === null ? [] : [{ submission: id, side, reason }],
    );
    return { changes: [], unreadable };
  }
  const change = compareGrades(old, now);
  return { changes: change === null ? [] : [change], unreadable: [] };
}

async function recorded({ grade, folder }: Result): Promise<Recorded | null> {
  if (grade === null) return null;
  const path = join(folder, KEY);
  const json = (await isFile(path)) ? await readFile(path, 'utf8').catch(() => null) : null;
  return { grade, key: json === null ? null : parseInputKey(json) };
}
