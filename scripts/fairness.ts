/**
 * Whether the suites are fair, measured on planted bugs: `npm run fairness`. What each costs alone, pairs of them together, and each on other seeds. Prints tables; exit
 * code 1 if something is unfair, 3 if the grader fails.
 *
 * `--quick`: a sample of it. `--only <mutant>`: these, by id or by a pattern such as 'unmap-*'. `--moved <n>`: so many mutants on other seeds, and not all. `--json`: the numbers alone. `--assignment <id>`, `--jobs <n>`, `--seed <n>` (which pairs, and which seeds) as everywhere.
 */
import { availableParallelism } from 'node:os';
import { UsageError } from '../harness/cli/errors.ts';
import { EXIT } from '../harness/cli/exit-codes.ts';
import { gradeAll } from '../harness/cli/grade-all.ts';
import { Screen } from '../harness/cli/screen.ts';
import { assignmentsNamed } from '../harness/cli/selection.ts';
import {
  chosen,
  type Scored,
  type ScoredPair,
  type ScoredSeeds,
  spread,
  unfairCosts,
  unfairPairs,
  unsteadyScores,
} from '../harness/quality/fairness.ts';
import { mutantsOf } from '../harness/quality/mutant-files.ts';
import { canBePlantedTogether } from '../harness/quality/plant.ts';
import { double, type Planted, plantedJob, single } from '../harness/quality/planted.ts';
import { textTable } from '../harness/quality/text-table.ts';
import type { Assignment } from '../harness/runner/assignments.ts';
import { modelFiles } from '../harness/runner/model.ts';
import { DEFAULT_SEED, type GradingJob, matches } from '../harness/runner/worker-job.ts';
import { formatPoints, percentOf } from '../harness/scoring/points.ts';
import type { FairnessNumbers } from './measured.ts';
import type { AssignmentGrade } from '../harness/scoring/grade.ts';
import { countFlag, flagsOf, refuse } from './flags.ts';

const FULL = { pairs: 100, seeds: 20, moved: Infinity };
const QUICK = { pairs: 10, seeds: 4, moved: 12 };
/** Pairs drawn for each that is wanted: some do not compile together. */
const SPARE_PAIRS = 1.3;

const flags = flagsOf(__filename, {
  quick: { type: 'boolean', default: false },
  assignment: { type: 'string', multiple: true },
  only: { type: 'string', multiple: true },
  jobs: { type: 'string' },
  seed: { type: 'string', default: '1' },
  moved: { type: 'string' },
  json: { type: 'boolean', default: false },
});
const screen = new Screen();
const processes =
  flags.jobs === undefined ? availableParallelism() : countFlag('jobs', flags.jobs, 1);

interface Subject {
  readonly assignment: Assignment;
  readonly planted: Planted;
}

interface Graded extends Subject {
  readonly grade: AssignmentGrade;
}

const nameOf = ({ planted }: Subject): string => `${planted.assignment}/${planted.id}`;

/** Grades, and gives the assignment's grade of each; `null` where there is none, because it does not compile. */
async function gradesOf(
  what: string,
  subjects: readonly Subject[],
  jobs: readonly GradingJob[],
): Promise<readonly (AssignmentGrade | null)[]> {
  const named = jobs.map((job, at) => ({ name: nameOf(subjects[at]!), job }));
  const answers = await gradeAll(named, processes, what, screen);
  if (answers === null) process.exit(EXIT.interrupted);
  return answers.map((answer, at) => {
    if (answer instanceof Error) throw answer;
    const { id } = subjects[at]!.assignment.info;
    const grade = answer.assignments.find(({ assignment }) => assignment === id);
    return answer.problems.length > 0 || grade?.outcome !== 'graded' ? null : grade;
  });
}

async function measureSingles(assignments: readonly Assignment[]): Promise<readonly Graded[]> {
  const model = modelFiles();
  const isAsked = (id: string): boolean =>
    flags.only?.some((pattern) => matches(pattern, id)) ?? true;
  const subjects = assignments.flatMap((assignment) =>
    mutantsOf(assignment.info.id)
      .mutants.filter(({ id }) => isAsked(id))
      .map((mutant) => ({ assignment, planted: single(assignment.info.id, model, mutant) })),
  );
  if (subjects.length === 0) throw new UsageError('No planted bug is called so.');
  const jobs = subjects.map(({ planted }) => plantedJob(planted));
  const grades = await gradesOf(`what ${subjects.length} mistakes cost`, subjects, jobs);
  return subjects.map((subject, at) => {
    const grade = grades[at] ?? null;
    if (grade === null) throw new Error(`${nameOf(subject)} does not compile`);
    return { ...subject, grade };
  });
}

async function measurePairs(
  singles: readonly Graded[],
  count: number,
  seed: number,
): Promise<readonly ScoredPair[]> {
  const model = modelFiles();
  const candidates: (readonly [Graded, Graded])[] = [];
  for (const [at, one] of singles.entries())
    for (const other of singles.slice(at + 1))
      if (other.assignment === one.assignment) candidates.push([one, other]);
  const drawn = chosen(candidates.length, candidates.length, seed).map((at) => candidates[at]!);
  const pairs: (readonly [Graded, Graded])[] = [];
  for (const pair of drawn) {
    if (pairs.length >= count * SPARE_PAIRS) break;
    const [one, other] = pair.map(({ planted }) => planted.mutants[0]!);
    if (canBePlantedTogether(model, one!, other!)) pairs.push(pair);
  }
  const subjects = pairs.map(([one, other]) => {
    const mutants = [one.planted.mutants[0]!, other.planted.mutants[0]!];
    const ids = [mutants[0]!.id, mutants[1]!.id] as const;
    const { assignment } = one;
    return { assignment, planted: double(assignment.info.id, model, mutants, ids) };
  });
  const jobs = subjects.map(({ planted }) => plantedJob(planted));
  const grades = await gradesOf(`two mistakes at once, ${count} times`, subjects, jobs);
  const scored = pairs.flatMap(([one, other], at): ScoredPair[] => {
    const grade = grades[at] ?? null;
    if (grade === null) return [];
    const name = nameOf(subjects[at]!);
    return [{ name, together: grade.score, one: one.grade.score, other: other.grade.score }];
  });
  return scored.slice(0, count);
}

async function measureSeeds(
  singles: readonly Graded[],
  seeds: readonly number[],
): Promise<readonly ScoredSeeds[]> {
  const runs = singles.flatMap((subject) =>
    seeds.map((seed) => ({ subject, job: plantedJob(subject.planted, seed) })),
  );
  const grades = await gradesOf(
    `${singles.length} mistakes on ${seeds.length} other seeds`,
    runs.map(({ subject }) => subject),
    runs.map(({ job }) => job),
  );
  return singles.map((subject) => ({
    name: nameOf(subject),
    maxScore: subject.grade.maxScore,
    scores: [
      subject.grade.score,
      ...runs.flatMap((run, at) => (run.subject === subject ? [grades[at]!.score] : [])),
    ],
  }));
}

function asScored({ assignment, planted, grade }: Graded): Scored {
  const { rules } = assignment.info;
  const isFundamental = planted.mutants.some(
    ({ rule }) => rules.find(({ id }) => id === rule)?.fundamental === true,
  );
  const { score, maxScore } = grade;
  return { name: `${planted.assignment}/${planted.id}`, score, maxScore, isFundamental };
}

/** Says at once what is unfair: what comes next takes long. */
function complain(texts: readonly string[]): void {
  for (const text of texts) screen.note(`${screen.noteColors.red('✗')} ${text}`);
  if (texts.length > 0) process.exitCode = EXIT.below;
}

function print(title: string, lines: readonly string[]): void {
  if (flags.json) return;
  screen.print(`${screen.colors.bold(title)}\n${lines.join('\n')}\n\n`);
}

async function main(): Promise<void> {
  const { pairs, seeds, ...usual } = flags.quick ? QUICK : FULL;
  const moved = flags.moved === undefined ? usual.moved : countFlag('moved', flags.moved, 1);
  const seed = countFlag('seed', flags.seed, 0);
  const singles = await measureSingles(assignmentsNamed(flags.assignment ?? null));
  const costs = singles.map(asScored);
  const dear = [...costs].sort((a, b) => a.score / a.maxScore - b.score / b.maxScore).slice(0, 20);
  print(
    'The dearest mistakes',
    textTable(
      [
        { head: 'mutant' },
        { head: 'costs', align: 'right' },
        { head: 'share', align: 'right' },
        { head: '' },
      ],
      dear.map(({ name, score, maxScore, isFundamental }) => [
        name,
        formatPoints(maxScore - score),
        `${percentOf(maxScore - score, maxScore).toFixed(0)} %`,
        isFundamental ? 'fundamental' : '',
      ]),
    ),
  );

  complain(unfairCosts(costs));

  const together = await measurePairs(singles, pairs, seed);
  const better = unfairPairs(together);
  print('Two mistakes at once', [
    `${together.length} pairs; ${together.length - better.length} score no better than either alone`,
  ]);

  complain(better);

  const places = chosen(singles.length, Math.min(singles.length, moved), seed);
  const sample = places.map((place) => singles[place]!);
  const others = Array.from({ length: seeds - 1 }, (_, nth) => seed + 1 + nth);
  const bySeed = await measureSeeds(sample, others);
  const restless = bySeed.filter(({ scores }) => spread(scores) > 0);
  print('The same mistake on other seeds', [
    `${bySeed.length} mutants, ${seeds} seeds; ${bySeed.length - restless.length} score the same on all`,
    ...textTable(
      [
        { head: 'mutant' },
        { head: 'lowest', align: 'right' },
        { head: 'with seed', align: 'right' },
        { head: 'highest', align: 'right' },
        { head: 'with seed', align: 'right' },
      ],
      restless.map(({ name, scores }) => [
        name,
        ...[Math.min(...scores), Math.max(...scores)].flatMap((score) => [
          formatPoints(score),
          String([DEFAULT_SEED, ...others][scores.indexOf(score)]),
        ]),
      ]),
    ),
  ]);

  complain(unsteadyScores(bySeed));

  if (flags.json) {
    const share = ({ score, maxScore }: Scored): number => percentOf(maxScore - score, maxScore);
    const numbers: FairnessNumbers = {
      mutants: costs.length,
      dearest: Math.max(...costs.filter(({ isFundamental }) => !isFundamental).map(share)),
      free: costs.filter((each) => share(each) <= 0).length,
      pairs: together.length,
      betterPairs: better.length,
      reseeded: bySeed.length,
      seeds,
      steady: bySeed.length - restless.length,
      furthest: Math.max(
        ...bySeed.map(({ scores, maxScore }) => percentOf(spread(scores), maxScore)),
      ),
    };
    screen.print(`${JSON.stringify(numbers)}\n`);
  }
}

void main().catch((error: unknown) => {
  if (error instanceof UsageError) refuse(error.message);
  screen.note(String(error));
  process.exitCode = EXIT.trouble;
});
