/** The emulator beside the same algorithms in C, and what machines and pages cost. Ratios of one run; see `bench/`. */
import { buildSync } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const RUNS = 5;
const PAGES = 1024;

describe('the emulator', () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'faultline-bench-'));
    buildSync({
      entryPoints: [join(__dirname, 'bench/measure.ts')],
      outfile: join(folder, 'measure.cjs'),
      bundle: true,
      platform: 'node',
      target: 'node20',
      alias: { keos: join(__dirname, 'bench/keos.cjs') },
      tsconfigRaw: { compilerOptions: { target: 'es2022', useDefineForClassFields: true } },
      logLevel: 'error',
    });
  });
  after(() => rmSync(folder, { recursive: true }));

  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- what a measurement prints is known by its name
  function measure<T>(name: string, argument: number): T {
    const args = ['--expose-gc', join(folder, 'measure.cjs'), name, String(argument)];
    return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as T;
  }

  const median = (values: readonly number[]) =>
    [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
  const medianOf = (body: () => number) => median(Array.from({ length: RUNS }, body));
  const print = (what: string, value: string) => console.log(`    ${what.padEnd(52)} ${value}`);

  it('should be measured beside C', function () {
    const binary = join(folder, 'mmu');
    try {
      execFileSync('cc', ['-O2', '-o', binary, join(__dirname, 'bench/mmu.c')]);
    } catch {
      print('walks and hits', 'not measured: there is no C compiler (cc)');
      this.skip();
    }
    const rows: Record<'walk' | 'hit', [ours: number, c: number][]> = { walk: [], hit: [] };
    for (let run = 0; run < RUNS; run++) {
      const c = JSON.parse(
        execFileSync(binary, [String(PAGES), '2000'], { encoding: 'utf8' }),
      ) as Record<'walk' | 'hit', number>;
      rows.walk.push([measure<number>('walks', PAGES), c.walk]);
      rows.hit.push([measure<number>('hits', PAGES), c.hit]);
    }
    for (const [what, pairs] of Object.entries(rows)) {
      const ours = median(pairs.map(([mine]) => mine));
      const theirs = median(pairs.map(([, c]) => c));
      const ratio = median(pairs.map(([mine, c]) => mine / c));
      print(
        `one TLB ${what === 'hit' ? 'hit' : 'miss: page walk'}`,
        `${ours.toFixed(1)} ns (${(1e3 / ours).toFixed(1)} million/s), C ${theirs.toFixed(1)} ns, ratio ${ratio.toFixed(2)}`,
      );
    }
  });

  it('should be measured by machines, calls and pages', () => {
    const machine = medianOf(() => measure<number>('freshMachines', 2_000)) / 1e3;
    print('a fresh machine', `${machine.toFixed(1)} us (${(1e6 / machine).toFixed(0)}/s)`);
    const round = medianOf(() => measure<number>('interfaceRound', 5_000)) / 1e3;
    print('new page, map, walk, unmap, drop through keos', `${round.toFixed(2)} us`);
    const bytes = [1_000, 10_000, 100_000].map((pages) => ({
      pages,
      ...measure<{ resident: number; counted: number }>('bytesPerPage', pages),
    }));
    const growth = bytes.at(-1)!.counted / bytes[0]!.counted;
    for (const { pages, resident, counted } of bytes) {
      const total = (resident * pages) / 2 ** 20;
      print(
        `${pages.toLocaleString('en-US')} mapped pages with handles`,
        `${counted.toFixed(0)} bytes a page counted, ${resident.toFixed(0)} resident (${total.toFixed(0)} MiB)`,
      );
    }
    print('a page among 100,000 beside one among 1,000', `${growth.toFixed(3)} times the bytes`);
  });
});
