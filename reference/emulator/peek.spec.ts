import { expect } from 'chai';
import fc from 'fast-check';
import { KEOS_CONTROLS } from '../x86/access.ts';
import { peek } from './peek.ts';
import { PhysicalMemory } from './physical-memory.ts';
import { framesFrom, linearOf, PagingStructures } from './testing/paging-structures.ts';
import { walk } from './walker.ts';

const PAGE = linearOf(300, 2, 3, 4);

describe('peek', () => {
  it('should be what a walk finds for an access that nothing forbids, and leave memory as it is', () => {
    const word = fc
      .subarray([
        1n,
        1n << 1n,
        1n << 2n,
        1n << 5n,
        1n << 6n,
        1n << 7n,
        1n << 8n,
        1n << 40n,
        1n << 63n,
      ])
      .map((bits) => bits.reduce((all, bit) => all | bit, 0n));
    fc.assert(
      fc.property(fc.tuple(word, word, word, word), fc.boolean(), (words, pge) => {
        const memory = new PhysicalMemory();
        const tables = new PagingStructures(memory, framesFrom(512, 512));
        tables.map(PAGE, 0x4000_0000);
        const controls = { ...KEOS_CONTROLS, pge, maxPhyAddr: 40 };
        const places = ([1, 2, 3, 4] as const).map((level) => tables.entry(PAGE, level));
        for (const [i, at] of places.entries())
          memory.writeU64(at, (memory.readU64(at) & ~0xfffn) | words[i]!);
        const before = places.map((at) => memory.readU64(at));

        const seen = peek(memory, tables.root, PAGE, controls);

        expect(places.map((at) => memory.readU64(at))).to.deep.equal(before);
        const access = { kind: 'read', mode: 'supervisor', ac: true } as const;
        const walked = walk(memory, tables.root, PAGE, access, controls);
        expect(seen).to.deep.equal(typeof walked === 'number' ? null : walked);
      }),
      { numRuns: 500 },
    );
  });
});
