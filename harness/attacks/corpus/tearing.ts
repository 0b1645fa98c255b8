/** Cutting a call of the machine short: the stack overflows inside it, the exception is caught, and the ledger is to be wrong unseen. */
import { byTable, ofKind } from '../define.ts';

/**
 * Goes to the edge of the stack from twenty depths and does `deed` there, whatever it throws. If every call was whole, what `deed` takes it gives back.
 * `before` runs first, `after` last.
 */
function atTheEdge(deed: string, before = '', after = ''): { readonly walk: string } {
  return {
    walk: `
      console.log('LEDGER');
      ${before}
      const f = () => { try { ${deed} } catch {} f(); };
      for (let i = 0; i < 20; i++) { const g = (k) => { if (k) g(k - 1); else f(); }; try { g(i); } catch {} }
      ${after}`,
  };
}

const A_PAGE = `const page = keos.Page.new(); const ref = keos.PageRef.fromPa(page.pa());`;
const NO_PAGE = `page.drop();`;
const AFTER = 'Have a frame lost, or counted twice, when the stack overflows in ';

export const TEARING = ofKind('tearing', [
  byTable('stack-overflow-hw', `${AFTER}Page.new and drop.`, atTheEdge(`keos.Page.new().drop();`)),
  byTable(
    'stack-overflow-clone',
    `${AFTER}Page.clone.`,
    atTheEdge(`page.clone().drop();`, A_PAGE, NO_PAGE),
  ),
  byTable(
    'stack-overflow-raw',
    `${AFTER}Page.intoRaw and fromPa.`,
    atTheEdge(`keos.Page.fromPa(page.clone().intoRaw()).drop();`, A_PAGE, NO_PAGE),
  ),
  byTable(
    'stack-overflow-ref',
    `${AFTER}PageRef.intoPage.`,
    atTheEdge(`ref.intoPage().drop();`, A_PAGE, NO_PAGE),
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
      `for (const e of this.root) e.pa(); this.root.at(0).intoPdp().at(0).intoPd().at(0).intoPt().at(0).word;`,
      A_PAGE,
      NO_PAGE,
    ),
  ),
  byTable(
    'stack-overflow-invalidate',
    'Have an invalidation lost when the stack overflows in StaleTLBEntry.',
    atTheEdge(`keos.StaleTLBEntry.new(0x1000n, page.clone()).invalidate().drop();`, A_PAGE, NO_PAGE),
  ),
  byTable(
    'stack-overflow-root',
    `${AFTER}PageTableRoot.`,
    atTheEdge(`keos.PageTableRoot.newBoxedWithKernelAddr().drop();`),
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
      `keos.Va.pageUp(keos.Va.add(keos.Va.new(0x1001n), 5n)); keos.contains(3n, 1n); keos.Pa.intoKva(0n); keos.attempt(f);`,
    ),
  ),
  byTable(
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
      `v.FRAME_ALLOCATOR.freeFrame(v.FRAME_ALLOCATOR.allocateFrame());`,
      `const v = require('veridian');`,
    ),
  ),
  byTable(
    'stack-overflow-then-on',
    'Go on as if nothing had been cut short, from a second operation.',
    {
      walk: `const f = () => { try { keos.Page.new().drop(); } catch {} f(); }; for (let i = 0; i < 40; i++) { const g = (k) => { if (k) g(k - 1); else f(); }; try { g(i); } catch {} } console.log('LEDGER'); return null;`,
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
