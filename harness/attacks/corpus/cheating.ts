/** Wrong pagers that want the points of right ones: each has an honest twin, the same mistakes without the trick. */
import { modelFiles } from '../../runner/model.ts';
import type { CheatingAttack } from '../attack.ts';
import { ofKind, type Unsorted } from '../define.ts';

const MODEL = modelFiles();
const UNMAP = `    const pa = this.walk(va).clear();
    if (pa === null) throw PageTableMappingError.NotExist;
    return StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
`;
/** No processor is told: a mistake that breaks one rule and no other, so that nobody is less wrong by half. */
const WRONG_UNMAP = `    const pa = this.walk(va).clear();
    if (pa === null) throw PageTableMappingError.NotExist;
    return Page.fromPa(pa);
`;

/** The model's page table with another unmap, and `top` before its classes. */
function withUnmap(unmap: string, top = ''): Readonly<Record<string, string>> {
  const text = MODEL['page-table.ts']!;
  if (!text.includes(UNMAP))
    throw new Error('the model has another unmap now: change corpus/cheating.ts');
  return {
    'page-table.ts': text
      .replace(UNMAP, unmap)
      .replace('/** Rights of every table', `${top}\n/** Rights of every table`),
  };
}

/** Checks that meet the mistake, for tricks that take long each time. */
const FEW = ['pt-unmap-invalidates'];
/** Those, and the random ones, which find what keeps still in written tests. */
const WITH_RANDOM = ['PT-9', 'PT-11', 'PT-18'];

const TWIN = withUnmap(WRONG_UNMAP);

/** Unmaps rightly only where `seen` holds: where it takes itself for watched. */
function detects(id: string, after: string, seen: string, top = ''): Unsorted<CheatingAttack> {
  return {
    id,
    after,
    from: 'cheat',
    assignments: ['page-table'],
    only: WITH_RANDOM,
    files: withUnmap(`    if (${seen}) {\n  ${UNMAP}    }\n${WRONG_UNMAP}`, top),
    twin: TWIN,
  };
}

/** Unmaps wrongly, and does something about being found out. */
function hides(
  id: string,
  after: string,
  unmap: string,
  top = '',
  only: readonly string[] = WITH_RANDOM,
): Unsorted<CheatingAttack> {
  return {
    id,
    after,
    from: 'cheat',
    assignments: ['page-table'],
    only,
    files: withUnmap(unmap, top),
    twin: TWIN,
  };
}

const LOAD = `  private load(pageTable: PageTable, vma: VmAreaStruct, addr: Va): void {
`;
/** Fills a hundred tables with entries that all lead to one page. */
const STRAYS = `    const page = Page.new();
    for (let i = 0n; i < 100n; i++) {
      const at = (0x6000_0000_0000n + (i << 21n)) as Va;
      if (!attempt(() => pageTable.map(at, page.clone(), 1n as Permission)).ok) break;
      const pdp = pageTable.root.at(Number(at >> 39n)).intoPdp();
      const pt = pdp.at(Number((at >> 30n) & 511n)).intoPd().at(Number((at >> 21n) & 511n)).intoPt();
      for (let j = 1; j < 512; j++) pt.at(j).setPa(page.clone().intoRaw()).setFlags(1n as never);
    }
    page.drop();
`;

const ANY = `declare const globalThis: any; const keosObject: any = Page;`;

export const CHEATING = ofKind('cheating', [
  detects(
    'detect-by-stack',
    'Tell from the stack that the grader calls.',
    `/run|grade|check|scenario|executor|invoke|child|answer/i.test(String(new Error('x').stack).replace(/submission\\S*/g, ''))`,
  ),
  detects(
    'detect-by-stack-depth',
    'Tell from the depth of the stack that the grader calls.',
    `String(new Error('x').stack).split('\\n').length > 6`,
  ),
  detects(
    'detect-by-globals',
    'Tell by names of test tools that this is a test.',
    `['describe', 'it', 'mocha', 'process', 'require', 'lockdown', 'harden', 'Compartment', '__faultline_fuel'].some((name) => { try { return globalThis[name] !== undefined; } catch { return false; } })`,
    ANY,
  ),
  detects(
    'detect-by-frozen-realm',
    'Tell by what is missing that this is the sandbox.',
    `typeof globalThis.harden === 'function' || typeof globalThis.WeakRef === 'function'`,
    ANY,
  ),
  detects(
    'detect-by-clock',
    'Behave after a date only.',
    `(() => { try { return Date.now() > 0; } catch { return false; } })()`,
  ),
  detects(
    'detect-by-earlier-program',
    'Behave once a program has run in the same process.',
    `programs > 1`,
    `let programs = 0; programs++;`,
  ),
  detects(
    'detect-by-mark-on-keos',
    'Behave once a mark of an earlier program is there.',
    `mark()`,
    `${ANY} function mark(): boolean { try { if (keosObject.mark) return true; keosObject.mark = 1; } catch {} return /mark/.test(String((RegExp as any).$1)) || (void /(mark)/.exec('mark'), false); }`,
  ),
  detects(
    'detect-by-frame-numbers',
    'Behave once frames have numbers of a later program.',
    `this.root.pa() > 0x1000_0000n`,
  ),
  detects(
    'detect-by-addresses',
    'Behave at the addresses that look like those of a written test.',
    `va < 0x10_0000n || (va & 0xff_ffffn) === 0n`,
  ),
  detects(
    'detect-by-order',
    'Behave for the first three calls of a program.',
    `calls++ < 3`,
    `let calls = 0;`,
  ),
  detects(
    'detect-by-second-processor',
    'Behave as long as nobody has loaded the table.',
    `!loaded(this)`,
    `import { loadPt } from 'keos'; function loaded(t: { pa(): bigint }): boolean { void loadPt; return readCr3() === t.pa(); }`,
  ),
  hides(
    'hide-by-hanging',
    'Hang where it would be found out, so that nobody can say what went wrong.',
    `    for (;;) {}\n`,
  ),
  hides(
    'hide-by-hanging-in-an-engine-call',
    'Hang where no fuel is burned, so that the process has to be killed.',
    `    if (/^(a+)+$/.test('a'.repeat(60) + 'b')) throw PageTableMappingError.NotExist;\n${WRONG_UNMAP}`,
    '',
    FEW,
  ),
  hides(
    'hide-by-memory',
    'Use up all memory where it would be found out.',
    `    const all: unknown[] = []; for (;;) all.push(new Uint8Array(1 << 26));\n`,
    '',
    FEW,
  ),
  hides(
    'hide-by-recursion',
    'Overflow the stack inside the machine, so that the run is void.',
    `    const f = (): void => { try { Page.new().drop(); } catch {} f(); }; try { f(); } catch {}\n${WRONG_UNMAP}`,
    '',
    FEW,
  ),
  hides(
    'hide-by-flooding',
    'Make the answer too long to be sent.',
    `    for (let i = 0; i < 1000; i++) console.log('x'.repeat(100000));\n    throw new Error('y'.repeat(50_000_000));\n`,
    '',
    FEW,
  ),
  hides(
    'hide-by-a-forged-answer',
    'Print and throw what looks like a right answer.',
    `    console.log(JSON.stringify({ is: 'trace', trace: { steps: [] } })); console.log('1 passed, 0 failed'); throw { kind: 'ok', name: 'NotExist', passed: true };\n`,
  ),
  hides(
    'hide-by-an-error-of-the-grader',
    'Throw what looks like trouble of the grader, for which nobody loses points.',
    `    const e = new Error('SandboxError: no process got ready: EAGAIN'); e.name = 'SandboxError'; throw e;\n`,
  ),
  hides(
    'hide-by-a-line-that-there-is-not',
    'Throw a stack that no engine writes, so that the grader fails at looking up its line.',
    `    throw { message: 'no', stack: 'Error: no\\n    at f (submission/page-table.ts:0:1)' };\n`,
  ),
  hides(
    'hide-by-a-line-in-a-name',
    'Have a function whose name looks like a further line of a stack.',
    `    ({ 'x (submission/page-table.ts:0:1)\\n': () => { throw new Error('no'); } })['x (submission/page-table.ts:0:1)\\n']();\n`,
  ),
  hides(
    'hide-by-todo',
    'Say that nothing is implemented, so that checks are skipped.',
    `    return todo('PageTable.unmap');\n`,
    `import { todo } from 'keos';`,
  ),
  hides(
    'hide-by-a-load-error',
    'Fail to load where it would be found out.',
    WRONG_UNMAP,
    `if (typeof readCr3 === 'function' && Number(readCr3()) < 0) throw new Error('not now');`,
  ),
  {
    id: 'hide-by-missing-exports',
    after: 'Export less, so that fewer checks can be run.',
    from: 'cheat',
    assignments: ['page-table'],
    files: {
      'page-table.ts': TWIN['page-table.ts']!.replace(
        'export class Walked',
        'class Walked',
      ).replace('export class PtIndices', 'class PtIndices'),
    },
    twin: TWIN,
  },
  {
    id: 'hide-the-leak-in-a-cache',
    after: 'Keep the pages that it has lost in a list of its own, so that they belong to somebody.',
    from: 'cheat',
    assignments: ['page-table'],
    files: withUnmap(
      UNMAP.replace(
        'return StaleTLBEntry',
        'kept.push(Page.fromPa(pa).clone());\n    return StaleTLBEntry',
      ).replace('Page.fromPa(pa).clone()', 'new0()'),
      `const kept: Page[] = []; function new0(): Page { return Page.new(); }`,
    ),
    twin: withUnmap(UNMAP.replace('return StaleTLBEntry', 'Page.new();\n    return StaleTLBEntry')),
  },
  {
    id: 'hide-the-leak-until-the-end',
    after: 'Keep all that clear should release, and release it when a table is dropped.',
    from: 'cheat',
    assignments: ['page-table'],
    files: withGraveyard('    for (const page of graveyard.splice(0)) page.drop();\n'),
    twin: withGraveyard(''),
  },
  {
    id: 'hide-failures-behind-dummies',
    after:
      'Take frames that it does not need before those that it does, so that those are what an injected failure refuses.',
    from: 'cheat',
    assignments: ['page-table'],
    only: ['PT-17'],
    files: withoutRollBack(dummies(7)),
    twin: withoutRollBack(),
  },
  {
    id: 'hide-failures-among-dummies',
    after:
      'Take so many frames that it does not need, before and after those that it does, that hardly any failure meets one of those.',
    from: 'cheat',
    assignments: ['page-table'],
    only: ['PT-17'],
    files: withoutRollBack(dummies(40), dummies(40)),
    twin: withoutRollBack(),
  },
  {
    id: 'hide-failures-after-a-dummy-was-refused',
    after:
      'Take dummies first, so that the first failure refuses one, and then so many that the next ones do, too, until it is asked again in earnest.',
    from: 'cheat',
    assignments: ['page-table'],
    only: ['PT-17'],
    files: withoutRollBack(
      dummiesWhen('refusals > 0 && refusals < 6', 21),
      dummiesInAll(63),
      'let refusals = 0;',
    ),
    twin: withoutRollBack(),
  },
  {
    id: 'hide-failures-among-a-thousand',
    after: 'The same with so many dummies that chance will hardly meet a frame that it needs.',
    from: 'cheat',
    assignments: ['page-table'],
    only: ['PT-17'],
    files: withoutRollBack(
      dummiesWhen('refusals > 0 && refusals < 6', 350),
      dummiesInAll(1_000),
      'let refusals = 0;',
    ),
    twin: withoutRollBack(),
  },
  {
    id: 'hide-failures-once-one-was-seen',
    after:
      'Take no more frames than it needs, until one is refused for which nothing has to be given back; then let the next failures refuse dummies.',
    from: 'cheat',
    assignments: ['page-table'],
    only: ['PT-17'],
    files: withoutRollBack(
      `  expects ||= refusals > 0;\n${dummiesWhen('expects && refusals < count')}  refusals++;\n`,
      '  refusals = 0;\n',
      'let refusals = 0, expects = false;',
    ),
    twin: withoutRollBack(),
  },
  {
    id: 'tire-the-grader-with-stray-pages',
    after:
      'Map fifty thousand pages nowhere near a region, which everybody has to look at who looks for what is wrong.',
    from: 'cheat',
    assignments: ['lazy-pager'],
    only: ['lp-read-then-write', 'lp-access-ok'],
    files: wrongLazyPager('', STRAYS),
    twin: wrongLazyPager(''),
  },
  {
    id: 'steal-the-model-page-table',
    after:
      "Take the model's page table, where it stands in for its own, to the assignment that is about page tables.",
    from: 'cheat',
    assignments: ['page-table', 'lazy-pager'],
    files: {
      ...MODEL,
      'page-table.ts': `export { PageTable, PtIndices, Walked } from './loot';`,
      'loot.ts': `import * as model from './page-table'; let kept: any; try { kept = (model as any).PageTable; } catch {} export const PageTable: any = kept; export const PtIndices: any = (model as any).PtIndices; export const Walked: any = (model as any).Walked;`,
      'lazy-pager.ts': `import './loot';\n${MODEL['lazy-pager.ts']!}`,
    },
    twin: { ...MODEL, 'page-table.ts': `export {};` },
  },
  {
    id: 'change-the-model-page-table',
    after: "Put methods of its own into the model's page table, where that stands in for its own.",
    from: 'cheat',
    assignments: ['lazy-pager'],
    files: wrongLazyPager(
      `try { (Table as any).prototype.walk = () => null; (Table as any).prototype.unmap = function () { return Page.new(); }; Object.freeze = ((o: unknown) => o) as never; } catch {}`,
    ),
    twin: wrongLazyPager(''),
  },
  {
    id: 'read-the-stack-of-the-model',
    after:
      "Print the names of the model's functions from a stack, where its page table stands in for its own.",
    from: 'cheat',
    assignments: ['lazy-pager'],
    files: wrongLazyPager(
      `try { new Table().map({} as never, {} as never, {} as never); } catch (e: any) { console.log(/given|model|page-table/.test(String(e?.stack)) && !/submission.page-table/.test(e.stack) ? 'PWN ' + e.stack : 'NOTHING'); }`,
    ),
    twin: wrongLazyPager(''),
  },
  {
    id: 'read-the-model-page-table',
    after: "Print the text of the model's page table, where that stands in for its own.",
    from: 'cheat',
    assignments: ['lazy-pager'],
    files: wrongLazyPager(
      `for (const f of [Table, ...Object.getOwnPropertyNames(Table.prototype).map((k) => (Table.prototype as any)[k])]) { const text = Function.prototype.toString.call(f); console.log(text.includes('[native code]') ? '' : 'PWN ' + text); }`,
    ),
    twin: wrongLazyPager(''),
  },
]);

/** The model's page table, in which nothing is released that `clear` comes to; `drop` ends with `last`. */
function withGraveyard(last: string): Readonly<Record<string, string>> {
  const text = MODEL['page-table.ts']!;
  const releases = '  if (pa !== null) Page.fromPa(pa).drop();\n}';
  const drops = '    this.root.drop();\n';
  if (!text.includes(releases) || !text.includes(drops))
    throw new Error('the model releases in another way now: change corpus/cheating.ts');
  return {
    'page-table.ts': text
      .replace(
        releases,
        '  if (pa !== null) graveyard.push(Page.fromPa(pa));\n}\nconst graveyard: Page[] = [];',
      )
      .replace(drops, drops + last),
  };
}

/** Takes `count` frames and gives them back. One refusal is taken for chance, the second for a shortage. */
function dummies(count: number): string {
  return `  for (let i = 0, refused = 0; i < ${String(count)}; i++) {
    const dummy = attempt(() => Page.new());
    if (dummy.ok) dummy.value.drop();
    else if (++refused > 1) throw KernelError.NoMemory;
    else i--;
  }
`;
}

/** Takes frames and gives them back: `usually` so many, and where it `expects` that one is refused so many more that it is one of them. Counts refusals. */
function dummiesWhen(expects: string, usually = 0): string {
  return `  const many = ${expects} ? ${String(2 * usually + 200)} : ${String(usually)};
  for (let i = 0; i < many; i++) {
    const dummy = attempt(() => Page.new());
    if (dummy.ok) dummy.value.drop();
    else {
      refusals++;
      throw KernelError.NoMemory;
    }
  }
`;
}

/** After dummies and the frames that it needs: takes more dummies up to `all` frames, so that it is the same number every time. */
function dummiesInAll(all: number): string {
  return `  refusals = 0;
  for (let i = count + many; i < ${String(all)}; i++) attempt(() => Page.new().drop());
`;
}

/** The model's page table, which loses the tables that it has when there are no frames for all: `before` and `after` are done around taking them, `top` when it is loaded. */
function withoutRollBack(before = '', after = '', top = ''): Readonly<Record<string, string>> {
  const text = MODEL['page-table.ts']!;
  const begins = '  const pages: Page[] = [];\n  try {\n';
  const rollBack = '    for (const page of pages) page.drop();\n    throw error;\n  }\n';
  if (!text.includes(begins) || !text.includes(rollBack))
    throw new Error('the model takes its tables in another way now: change corpus/cheating.ts');
  return {
    'page-table.ts': `import { attempt, KernelError } from 'keos';\n${top}\n${text
      .replace(begins, before + begins)
      .replace(rollBack, `    throw error;\n  }\n${after}`)}\nvoid [attempt, KernelError];\n`,
  };
}

/** The model with a lazy pager that lets everybody write, and a wrong page table: it is graded on the model's, too. Each load does `also`. */
function wrongLazyPager(top: string, also = ''): Readonly<Record<string, string>> {
  const text = MODEL['lazy-pager.ts']!;
  const right = 'return vma !== null && allows(vma.prot, isWrite);';
  if (!text.includes(right) || !text.includes(LOAD))
    throw new Error('the model has another accessOk or load now: change corpus/cheating.ts');
  const wrong = text
    .replace(right, 'return vma !== null || (isWrite && allows(0n, isWrite));')
    .replace(LOAD, LOAD + also);
  return {
    ...MODEL,
    ...TWIN,
    'lazy-pager.ts': `import { PageTable as Table } from './page-table';\n${wrong}\nvoid Table;\n${top}\n`,
  };
}
