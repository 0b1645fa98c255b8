/** An attack that gains something must be seen to: each is planted where a wall is missing. */
import { expect } from 'chai';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Grader } from '../runner/grade-submission.ts';
import { modelFiles } from '../runner/model.ts';
import { Sandbox } from '../sandbox/child-process.ts';
import { SubmissionCompiler } from '../sandbox/compile-process.ts';
import type { Attack, ReportedAttack, RunningAttack } from './attack.ts';
import { type Canaries, setOutCanaries } from './canaries.ts';
import { CORPUS } from './corpus.ts';
import { pageTableCode, WALK } from './emitted-code.ts';
import { playAll } from './play-all.ts';
import { playArchive } from './play-archive.ts';
import { playCheat } from './play-cheat.ts';
import { playEscaped } from './play-escaped.ts';
import { playReports } from './play-reports.ts';
import { playRunning } from './play-running.ts';
import { playSource } from './play-source.ts';
import { OpenTarget } from './testing/open-target.ts';

const DESCRIBED = { id: 'planted', kind: 'planted', after: 'Be seen.' };
const GAINED = 'gained';

function known<From extends Attack['from']>(
  id: string,
  from: From,
): Extract<Attack, { from: From }> {
  const found = CORPUS.find((attack) => attack.id === id);
  if (found?.from !== from) throw new Error(`there is no ${from} attack ${id}`);
  return found as Extract<Attack, { from: From }>;
}

describe('playing attacks', function () {
  this.timeout(180_000);
  let canaries: Canaries;

  before(async () => {
    canaries = await setOutCanaries();
  });
  after(() => canaries.remove());

  describe('on a process without walls', () => {
    const open = new OpenTarget();
    after(() => open.close());

    for (const [id, what] of [
      ['exit0', /^its process ended/],
      ['exit-via-hw-ctor', /^its process ended/],
      ['fs-require', /the secret has come out/],
      ['fs-write', /a file was written/],
      ['kill-parent', /signal/],
      ['fork-bomb', /a program/],
      ['map-get', /get/],
      ['proto-push', /ran differently/],
      ['async-tamper', /a promise|async/],
      ['async-timer', /timer/],
      ['nondeterminism', /clock/],
      ['prepareStackTrace', /call sites/],
      ['state-on-keos', /an earlier program/],
    ] as const) {
      it(`should see what ${id} gains`, async () => {
        const verdict = await playRunning(known(id, 'running'), open, canaries);

        expect(verdict, JSON.stringify(verdict)).to.have.property('kind', GAINED);
        expect(verdict).to.have.property('what').that.matches(what);
      });
    }

    it('should see what TypeScript gains that the compiler lets pass', async () => {
      const compiler = new SubmissionCompiler();

      const verdict = await playSource(
        known('ts-require-argument', 'source'),
        compiler,
        open,
        canaries,
      );

      await compiler.close();
      expect(verdict).to.deep.equal({ kind: GAINED, what: '[object Object]' });
    });
  });

  describe('on the sandbox', () => {
    const sandbox = new Sandbox();
    after(() => sandbox.close());

    const running = (walk: string, top = ''): RunningAttack => ({
      ...DESCRIBED,
      from: 'running',
      modules: pageTableCode({ walk, top }),
      program: WALK,
    });

    it('should see a module that gives a secret away', async () => {
      const attack = running('return null;');
      const given: RunningAttack = {
        ...attack,
        modules: (places) => ({
          ...attack.modules(places),
          'page-table.ts': {
            js: pageTableCode({ walk: `PWN(require('./given').secret)` })(places)['page-table.ts']!
              .js,
            freeNames: [],
          },
          'given.ts': { js: `exports.secret = 'handed out';`, freeNames: [], sealed: true },
        }),
      };

      const verdict = await playRunning(given, sandbox, canaries);

      expect(verdict).to.deep.equal({ kind: GAINED, what: 'handed out' });
    });

    it('should see frames that are lost against the book', async () => {
      const verdict = await playRunning(
        running(`keos.Page.new(); console.log('LEDGER 0');`),
        sandbox,
        canaries,
      );

      expect(verdict).to.deep.equal({
        kind: GAINED,
        what: '1 frames are lost, and by rights 0 are',
      });
    });

    it('should name the wall that the answer tells of', async () => {
      const by = async (walk: string): Promise<unknown> => {
        const verdict = await playRunning(running(walk), sandbox, canaries);
        return verdict.kind === 'stopped' ? verdict.by : verdict;
      };

      expect(await by(`process.exit(0);`)).to.equal('frozen realm');
      expect(await by(`require('fs');`)).to.equal('import rules');
      expect(await by(`return {};`)).to.equal('values by typeof');
      const promise = `const run = later('a promise'); (async () => { await null; run(); })();`;
      expect(await by(promise)).to.equal('no event loop');
      expect(await by(`for (;;) {}`)).to.equal('wall clock');
      expect(await by(`return 7n ** (2n ** 30n);`)).to.equal('engine limits');
      expect(await by(`keos.tlbShutdown(1);`)).to.equal('ownership checks');
      expect(await by(``)).to.equal('nothing gained');
    });
  });

  it('should see a trick that is worth points, and a twin that loses none', async () => {
    const grader = new Grader();
    const model = { 'page-table.ts': modelFiles()['page-table.ts']! };
    const cheat = { ...known('detect-by-clock', 'cheat'), only: ['pt-unmap-invalidates'] };

    const worthIt = await playCheat({ ...cheat, files: model }, grader, canaries, new Map());
    const untested = await playCheat({ ...cheat, twin: model }, grader, canaries, new Map());

    await grader.close();
    expect(worthIt)
      .to.have.property('what')
      .that.matches(/^4\.5 of|points, its honest twin/);
    expect(worthIt.kind).to.equal(GAINED);
    expect(untested).to.deep.include({
      kind: GAINED,
      what: 'its twin has all points: nothing was tested',
    });
  });

  it('should see an archive that brings a secret in', async () => {
    const verdict = await playArchive(
      {
        ...DESCRIBED,
        from: 'archive',
        source:
          ({ secretFile }) =>
          (path) => {
            mkdirSync(path);
            writeFileSync(join(path, 'page-table.ts'), `import x from '${secretFile}';`);
            // As if a link had been followed.
            writeFileSync(join(path, 'lazy-pager.ts'), canaries.secret);
          },
      },
      canaries,
    );

    expect(verdict).to.deep.equal({ kind: GAINED, what: 'the secret has come out' });
  });

  it('should see an escaped script that comes to its end, and a forged answer', async () => {
    const script = (text: string) =>
      playEscaped({ ...DESCRIBED, from: 'escaped', script: () => text }, canaries);

    const ended = await script(`process.stderr.write('PWN');`);
    const forged = await script(`
      const trace = { steps: [], log: [], teardown: null, walk: null, loadError: null };
      const body = Buffer.from(JSON.stringify({ is: 'trace', trace }));
      const head = Buffer.alloc(4);
      head.writeUInt32LE(body.length);
      require('fs').writeSync(4, Buffer.concat([head, body]));`);

    expect(ended).to.deep.equal({ kind: GAINED, what: 'it came to its end' });
    // A trace is only an observation: that it is forged cannot be seen, and need not be.
    expect(forged).to.deep.equal({ kind: GAINED, what: 'its answer was taken for a trace' });
  });

  it('should not take a report for harmless that nothing has arrived in', async () => {
    const attack: ReportedAttack = {
      ...DESCRIBED,
      from: 'report',
      folder: 'nothing',
      files: { 'page-table.ts': 'export class PageTable {}' },
      arrives: 'never said',
    };

    const verdicts = await playReports([attack], canaries);

    expect(verdicts.get('planted')).to.have.property('what').that.includes('nothing was tested');
  });

  it('should go on when a player fails, and count that as a gain', async () => {
    const broken: Attack = {
      ...DESCRIBED,
      from: 'archive',
      source: () => {
        throw new Error('the player fails');
      },
    };

    const played = await playAll([broken, known('zip-slip', 'archive')]);

    expect(played.map(({ verdict }) => verdict.kind)).to.deep.equal([GAINED, 'stopped']);
  });
});
