import { expect } from 'chai';
import fc from 'fast-check';
import { managerPrograms } from '../harness/generators/manager-programs.ts';
import type { Op, Program } from '../harness/protocol/program.ts';
import { assignmentInfos, loadAssignment } from '../harness/runner/assignments.ts';

const PAGE = 0x1000n;
const USER_END = 0x8000_0000_0000n;
const MIB = 0x10_0000n;

/** The scenarios of `demand-paging`, and a hundred generated programs of each kind. */
function programs(): readonly Program[] {
  const info = assignmentInfos().find(({ id }) => id === 'demand-paging')!;
  const generated = [{}, { failures: true }, { weights: { mark: 16, markAgain: 5, cowFault: 22 } }];
  return [
    ...loadAssignment(info).programs,
    ...generated.flatMap((options) =>
      fc.sample(managerPrograms(options), { seed: 1, numRuns: 100 }),
    ),
  ];
}

/** The pages that an operation marks, with their frames. */
function marks(op: Op): readonly { readonly va: string; readonly frame: string }[] {
  if (op.op === 'mark-cow' || op.op === 'add-cow-entry') return [op];
  return op.op === 'mark-cow-range' ? op.pages : [];
}

function addresses(op: Op): readonly bigint[] {
  if (op.op === 'register-lazy') return [BigInt(op.addr), BigInt(op.addr) + BigInt(op.size) - 1n];
  return 'va' in op ? [BigInt(op.va)] : marks(op).map(({ va }) => BigInt(va));
}

/** What `student-template/demand-paging.ts` and the rules say about the programs: whoever relies on it must be right. */
describe('what is promised about programs of managers', () => {
  const all = programs();
  const ops = all.flatMap((program) => program.ops);

  it('should hold of addresses, sizes and offsets', () => {
    const registered = ops.filter((op) => op.op === 'register-lazy');

    expect(ops.flatMap(addresses).filter((address) => address >= USER_END)).to.deep.equal([]);
    expect(registered.filter(({ addr }) => BigInt(addr) % PAGE !== 0n)).to.deep.equal([]);
    expect(registered.filter(({ size }) => BigInt(size) > 64n * MIB)).to.deep.equal([]);
    expect(registered.filter(({ offset }) => BigInt(offset) >= 1n << 40n)).to.deep.equal([]);
  });

  it('should hold of the table of shared frames: it is only asked about pages, and gets a few at a time', () => {
    const asked = ops.filter((op) => op.op === 'is-cow' || op.op === 'release-cow');
    const pages = [...asked, ...ops.flatMap(marks)].map(({ va }) => BigInt(va));

    expect(pages.filter((va) => va % PAGE !== 0n)).to.deep.equal([]);
    expect(Math.max(...ops.map((op) => marks(op).length))).to.be.at.most(64);
  });

  it('should hold of marks: a frame is marked at one address, of one manager', () => {
    for (const program of all) {
      const places = new Map<string, string>();
      for (const op of program.ops) {
        for (const { va, frame } of marks(op)) {
          const place = `${'manager' in op ? op.manager : ''} ${va}`;

          expect(places.get(frame) ?? place, JSON.stringify(program.ops)).to.equal(place);
          places.set(frame, place);
        }
      }
    }
  });

  it('should hold of faults: none comes after the last reference was certainly given up', () => {
    for (const { ops: steps } of all) {
      const left = new Map<string, number>();
      for (const op of steps) {
        for (const { va } of marks(op)) left.set(`${'manager' in op ? op.manager : ''} ${va}`, 2);
        if (op.op !== 'cow-fault' && op.op !== 'release-cow') continue;
        const page = BigInt(op.va) - (BigInt(op.va) % PAGE);
        const place = `${op.manager} 0x${page.toString(16)}`;
        const count = left.get(place);
        if (count === undefined || 'fault' in op) continue;
        if (op.op === 'cow-fault') expect(count, JSON.stringify(steps)).to.be.above(0);
        left.set(place, count - 1);
      }
    }
  });
});
