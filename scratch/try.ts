import { Grader } from '../harness/runner/grade-submission.ts';
import { readSubmission } from '../harness/intake/read-submission.ts';
import { terminalReport } from '../harness/reporters/terminal.ts';
import pc from 'picocolors';
(async () => {
  const t0 = performance.now();
  const g = new Grader();
  for (const path of process.argv.slice(2)) {
    const s = await readSubmission(path);
    if (!('files' in s)) { console.log(s); continue; }
    const t = performance.now();
    const grade = await g.grade(s, { assignments: null, seed: 1, runs: Number(process.env['RUNS'] ?? 60), only: null, replayCommand: (id) => `replay ${id}` });
    console.log(terminalReport(grade, { colors: pc.createColors(false), width: 120, audience: 'staff', detail: 'normal' } as never));
    if (grade.reason) console.log(grade.reason);
    for (const a of grade.assignments) for (const c of a.checks) if (c.status !== 'passed') console.log(c.id, c.status, c.reason?.slice(0, 300), c.failure?.rule);
    console.log(grade.diagnostics, 'took', performance.now() - t);
  }
  await g.close();
  console.log('total', performance.now() - t0);
})();
