/** Cutting a call of the machine short: the stack overflows inside it, the exception is caught, and the ledger is to be wrong unseen. */
import { byTable, ofKind } from '../define.ts';

/**
 * Goes to the edge of the stack from many depths and does `deed` there, whatever it throws. `n` counts what was taken and not given back, by the
 * attack's own book: when all is over that many frames must be lost, and no more. `before` runs first, `after` last.
 */
function atTheEdge(deed: string, before = '', after = '', lost = 'n'): { readonly walk: string } {
  return {
    walk: `
      let n = 0, depth = 0;
      ${before}
      const f = () => { try { ${deed} } catch {} f(); };
      const g = (k) => { depth++; if (k > 0) g(k - 1); else f(); };
      try { g(Infinity); } catch {}
      const edge = Math.floor(depth * 0.95);
      for (let i = 0; i < 20; i++) { try { g(edge + i); } catch {} }
      ${after}
      console.log('LEDGER ' + ${lost});`,
  };
}

/** Where the stack ends decides what it prints. */
function unsteady(...args: Parameters<typeof byTable>): ReturnType<typeof byTable> {
  return { ...byTable(...args), steady: false };
}

const A_PAGE = `const page = keos.Page.new(); const ref = keos.PageRef.fromPa(page.pa());`;
const NO_PAGE = `page.drop();`;
/** Clones that were not dropped keep one frame. */
const ONE_FRAME = `(n > 0 ? 1 : 0)`;
const AFTER = 'Have a frame lost, or counted twice, when the stack overflows in ';

export const TEARING = ofKind('tearing', [
  byTable(
    'stack-overflow-hw',
    `${AFTER}Page.new and drop.`,
    atTheEdge(`const p = keos.Page.new(); n++; p.drop(); n--;`),
  ),
  byTable(
    'stack-overflow-clone',
    `${AFTER}Page.clone.`,
    atTheEdge(`const p = page.clone(); n++; p.drop(); n--;`, A_PAGE, NO_PAGE, ONE_FRAME),
  ),
  byTable(
    'stack-overflow-raw',
    `${AFTER}Page.intoRaw and fromPa.`,
    atTheEdge(
      `const p = page.clone(); n++; const raw = p.intoRaw(); const q = keos.Page.fromPa(raw); q.drop(); n--;`,
      A_PAGE,
      NO_PAGE,
      ONE_FRAME,
    ),
  ),
  byTable(
    'stack-overflow-ref',
    `${AFTER}PageRef.intoPage.`,
    atTheEdge(`const p = ref.intoPage(); n++; p.drop(); n--;`, A_PAGE, NO_PAGE, ONE_FRAME),
  ),
  byTable(
    'stack-overflow-bytes',
    'Have half of a store done when the stack overflows in the bytes of a page.',
    atTheEdge(
      `page.innerMut().fill(1); page.innerMut().writeU64(0, -1n & 0xffffn); page.innerMut().copyFrom(page.inner());`,
      A_PAGE,
      NO_PAGE,
    ),
  ),
  byTable(
    'stack-overflow-entry',
    'Have half of an entry written when the stack overflows in setPa and clear.',
    atTheEdge(
      `this.root.at(0).setPa(page.pa()).setFlags(1n); this.root.at(0).clear();`,
      A_PAGE,
      `this.root.at(0).clear(); ${NO_PAGE}`,
    ),
  ),
  byTable(
    'stack-overflow-walk',
    'Have a table read half when the stack overflows on the way through it.',
    atTheEdge(
      `this.root.at(0).pa(); this.root.at(0).intoPdp().at(0).intoPd().at(0).intoPt().at(0).word;`,
      A_PAGE,
      NO_PAGE,
    ),
  ),
  byTable(
    'stack-overflow-invalidate',
    'Have an invalidation lost when the stack overflows in StaleTLBEntry.',
    atTheEdge(
      `const p = page.clone(); n++; const q = keos.StaleTLBEntry.new(0x1000n, p).invalidate(); q.drop(); n--;`,
      A_PAGE,
      NO_PAGE,
      ONE_FRAME,
    ),
  ),
  byTable(
    'stack-overflow-root',
    `${AFTER}PageTableRoot.`,
    atTheEdge(`const r = keos.PageTableRoot.newBoxedWithKernelAddr(); n++; r.drop(); n--;`),
  ),
  byTable(
    'stack-overflow-cr3',
    'Have a processor half switched when the stack overflows in loadPt and tlbShutdown.',
    atTheEdge(`keos.loadPt(this.root.pa()); keos.tlbShutdown(this.root); keos.readCr3();`),
  ),
  byTable(
    'stack-overflow-values',
    'Have an address half checked when the stack overflows in Va and Permission.',
    atTheEdge(
      `keos.Va.pageUp(keos.Va.add(keos.Va.new(0x1001n), 5n)); keos.contains(3n, 1n); keos.Pa.intoKva(0n); keos.attempt(() => 1);`,
    ),
  ),
  unsteady(
    'stack-overflow-console',
    'Have the output of the driver torn when the stack overflows in console.log.',
    atTheEdge(`console.log('x', 1n, keos.KernelError.Busy, new Error('x'));`),
  ),
  byTable(
    'stack-overflow-require',
    'Have a module half loaded when the stack overflows in require.',
    atTheEdge(`require('keos'); require('./page-table'); require('./fork');`),
  ),
  byTable(
    'stack-overflow-veridian',
    `${AFTER}the frame allocator of veridian.`,
    atTheEdge(
      `const x = v.FRAME_ALLOCATOR.allocateFrame(); n++; v.FRAME_ALLOCATOR.freeFrame(x); n--;`,
      `const v = require('veridian');`,
    ),
  ),
  byTable(
    'stack-overflow-then-on',
    'Go on as if nothing had been cut short, from a second operation.',
    {
      walk: `const f = () => { try { keos.Page.new().drop(); } catch {} f(); }; try { f(); } catch {} console.log('LEDGER -1'); return null;`,
      members: `drop() { try { this.root.drop(); } catch {} }`,
    },
  ),
  byTable('panic-caught', 'Catch the panic of the machine and go on.', {
    walk: `
      const page = keos.Page.new();
      page.drop();
      try { page.drop(); } catch {}
      gain('a frame after the panic', () => keos.Page.new());
      return null;`,
  }),
  byTable('panic-in-finally', 'Cover a panic with a return in finally.', {
    walk: `const page = keos.Page.new(); page.drop(); try { page.drop(); } finally { return null; }`,
  }),
  byTable('fuel-caught', 'Catch what ends a loop that is too long, and loop on.', {
    walk: `
      const all = Array.from({ length: 3 });
      for (;;) { try { for (;;) keos.Page.new().drop(); } catch {} if (all.pop() === undefined && all.length === 0) break; }
      gain('a frame after the limit', () => keos.Page.new());`,
  }),
  byTable('use-after-free', 'Write through a view of a page that is freed.', {
    walk: `const page = keos.Page.new(); const bytes = page.innerMut(); page.drop(); gain('freed memory', () => { bytes.set(0, 1); return true; });`,
  }),
  byTable('pending-invalidation', 'Leave an invalidation owed, and forget it.', {
    walk: `keos.StaleTLBEntry.new(0x1000n, keos.Page.new()); return null;`,
  }),
]);
