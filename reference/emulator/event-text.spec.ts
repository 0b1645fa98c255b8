import { expect } from 'chai';
import { KEOS_CONTROLS, PF } from '../x86/access.ts';
import { eventText } from './event-text.ts';
import type { MachineEvent } from './events.ts';

/** One of each, in a place of its own for every kind there is. */
const EVENTS: { readonly [K in MachineEvent['kind']]: MachineEvent & { readonly kind: K } } = {
  operation: { kind: 'operation', index: 2 },
  'runs-on': { kind: 'runs-on', cpu: 1 },
  injected: { kind: 'injected', op: 2, point: 'frame', nth: 3, armed: true },
  'frame-taken': { kind: 'frame-taken', frame: 0x101 },
  'frame-shared': { kind: 'frame-shared', frame: 0x101, references: 2 },
  'frame-released': { kind: 'frame-released', frame: 0x101, references: 1 },
  'root-made': { kind: 'root-made', root: 0x10_0000 },
  'root-dropped': { kind: 'root-dropped', root: 0x10_0000 },
  'entry-stored': { kind: 'entry-stored', level: 1, at: 0x10_3008, before: 0n, word: 1n << 63n },
  'flags-set': {
    kind: 'flags-set',
    cpu: 0,
    level: 1,
    at: 0x10_3008,
    accessed: true,
    dirty: true,
  },
  'cr3-loaded': { kind: 'cr3-loaded', cpu: 1, root: 0x10_0000, pcid: 7 },
  'controls-set': { kind: 'controls-set', cpu: 0, controls: KEOS_CONTROLS },
  'tlb-filled': {
    kind: 'tlb-filled',
    cpu: 0,
    linear: -(2 ** 21),
    base: 0x4000_0000,
    span: 2 ** 21,
  },
  'stale-hit': { kind: 'stale-hit', cpu: 0, linear: 0x1008 },
  'page-fault': { kind: 'page-fault', cpu: 0, linear: 0x1000, code: PF.USER | PF.WRITE },
  invalidated: { kind: 'invalidated', cpu: 0, linear: 0x1000, pcid: 7 },
  'interrupt-sent': { kind: 'interrupt-sent', from: 0, to: 1, linear: null },
  'interrupt-handled': { kind: 'interrupt-handled', from: 0, to: 1, linear: 0x1000 },
  'file-read': { kind: 'file-read', ino: 3, position: 4096 },
};

describe('eventText', () => {
  it('should say each event in a line', () => {
    expect(Object.values(EVENTS).map(eventText)).to.deep.equal([
      'operation 3',
      'execution moves to CPU 1',
      'frame allocation 3 of operation 3 fails on purpose',
      'frame 0x101 taken',
      'frame 0x101 shared: 2 references',
      'frame 0x101 released: 1 reference left',
      'page table 0x100000 made',
      'page table 0x100000 dropped',
      'PTE at 0x103008 stored: 0x0 -> 0x8000000000000000',
      'CPU 0: sets A and D in the PTE at 0x103008',
      'CPU 1: CR3 = 0x100000, PCID 7',
      'CPU 0: controls set: WP NXE; MAXPHYADDR 52',
      'CPU 0: TLB takes 0xffffffffffe00000 -> 0x40000000, 2 MiB',
      'CPU 0: STALE translation used at 0x1008',
      'CPU 0: page fault at 0x1000: user write, page not present',
      'CPU 0: invalidates 0x1000 of PCID 7',
      'CPU 0: asks CPU 1 to invalidate everything',
      'CPU 1: has invalidated 0x1000 for CPU 0',
      'file 3 read from 0x1000',
    ]);
  });

  it('should tell the last release, a failure that needs no arming, and what belongs to no operation', () => {
    const texts = [
      eventText({ kind: 'frame-released', frame: 0x101, references: 0 }),
      eventText({ kind: 'injected', op: 0, point: 'read', nth: 1, armed: false }),
      eventText({ kind: 'operation', index: -1 }),
      eventText({ ...EVENTS.invalidated, linear: null, pcid: null }),
    ];

    expect(texts).to.deep.equal([
      'frame 0x101 released: free',
      'file read 1 of operation 1 fails, as it always does',
      'no operation',
      'CPU 0: invalidates everything',
    ]);
  });
});
