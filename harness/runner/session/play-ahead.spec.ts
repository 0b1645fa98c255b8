import { expect } from 'chai';
import { tableProgram } from '../../generators/table-scenario.ts';
import type { Program } from '../../protocol/program.ts';
import type { RunResult } from '../../sandbox/child-process.ts';
import { PlayAhead } from './play-ahead.ts';

const OPTIONS = { recordSites: false, wallMs: 1_000 };
const DIED: RunResult = { kind: 'died', why: 'crash', detail: '' };

const programs = (count: number): Program[] =>
  Array.from({ length: count }, () => tableProgram((t) => t.table()));

/** A player that finishes a program when it is told to, and how many it was playing at a time at most. */
function setUp(width: number) {
  const begun: Program[] = [];
  const ends = new Map<Program, () => void>();
  let playing = 0;
  const most = { playing: 0 };
  const run = async (program: Program): Promise<RunResult> => {
    begun.push(program);
    most.playing = Math.max(most.playing, ++playing);
    await new Promise<void>((resolve) => ends.set(program, resolve));
    playing--;
    return DIED;
  };
  const sut = new PlayAhead({ width, run } as never, () => OPTIONS);
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const end = async (...ended: readonly Program[]): Promise<void> => {
    for (const program of ended) ends.get(program)?.();
    await settle();
  };
  return { sut, begun, most, end, settle };
}

describe('PlayAhead', () => {
  it('should begin what is expected while a process is free', async () => {
    const { sut, begun, most, end } = setUp(2);
    const [a, b, c] = programs(3);
    sut.expect([a!, b!, c!]);

    void sut.play(a!);
    await end();
    expect(begun).to.deep.equal([a, b]);
    await end(a!);

    expect(begun).to.deep.equal([a, b, c]);
    expect(most.playing).to.equal(2);
  });

  it('should not play again what it has begun', async () => {
    const { sut, begun, end } = setUp(1);
    const [a, b] = programs(2);
    sut.expect([a!, b!]);
    void sut.play(a!);
    await end(a!);
    await end(b!);

    expect(await sut.play(b!)).to.equal(DIED);
    expect(begun).to.deep.equal([a, b]);
  });

  it('should be two programs ahead for each process at most', async () => {
    const { sut, begun, end } = setUp(1);
    const all = programs(9);
    sut.expect(all);
    void sut.play(all[0]!);
    for (const program of all) await end(program);

    expect(begun).to.deep.equal(all.slice(0, 3));
  });

  it('should be as far ahead of the check that runs when later ones have been begun', async () => {
    const { sut, begun, end } = setUp(1);
    const [a, b, c, d, e] = programs(5);
    sut.plan([() => [a!], () => [d!, e!]]);
    void sut.play(a!);
    for (const program of [a!, d!, e!]) await end(program);
    expect(begun).to.deep.equal([a, d, e]);

    sut.expect([b!, c!]);
    void sut.play(b!);
    await end(b!);

    expect(begun).to.deep.equal([a, d, e, b, c]);
  });

  it('should forget what a check has named and wants no longer', async () => {
    const { sut, begun, end } = setUp(1);
    const [a, b, c, d, e] = programs(5);
    sut.plan([() => [a!, b!, c!]]);
    sut.expect([a!, b!, c!]);
    void sut.play(a!);
    for (const program of [a!, b!, c!]) await end(program);
    expect(begun).to.deep.equal([a, b, c]);

    sut.expect(null);
    sut.expect([d!, e!]);
    void sut.play(d!);
    for (const program of [d!, e!]) await end(program);

    expect(begun).to.deep.equal([a, b, c, d, e]);
  });

  it('should go on with the checks that come next, once they are certain to run', async () => {
    const { sut, begun, end } = setUp(1);
    const [a, b, c] = programs(3);
    let isCertain = false;
    sut.plan([() => [a!], () => (isCertain ? [b!] : null), () => [c!]]);
    void sut.play(a!);
    await end(a!);
    expect(begun).to.deep.equal([a]);

    isCertain = true;
    void sut.play(a!);
    await end(a!);

    expect(begun).to.deep.equal([a, a, b]);
  });

  it('should begin nothing of other checks when it is told to stop', async () => {
    const { sut, begun, end } = setUp(1);
    const [a, b] = programs(2);
    sut.plan([() => [a!], () => [b!]]);
    void sut.play(a!);
    sut.stop();
    await end(a!);

    expect(begun).to.deep.equal([a]);
  });

  it('should forget what was begun for a check that did not ask for it', async () => {
    const { sut, begun, end } = setUp(1);
    const all = programs(8);
    sut.plan([() => all.slice(0, 4), () => all.slice(4)]);
    void sut.play(all[0]!);
    for (const program of all.slice(0, 4)) await end(program);
    expect(begun).to.deep.equal(all.slice(0, 3));

    sut.reach(1);
    void sut.play(all[4]!);
    await end(all[4]!);

    expect(begun).to.deep.equal([...all.slice(0, 3), all[4], all[5]]);
  });

  it('should let other runs wait for a process', async () => {
    const { sut, begun, most, end } = setUp(1);
    const [a, b] = programs(2);
    void sut.play(a!);
    const second = sut.run(b!, OPTIONS);
    await end();
    expect(begun).to.deep.equal([a]);
    await end(a!);
    await end(b!);

    expect(await second).to.equal(DIED);
    expect(most.playing).to.equal(1);
  });

  it('should play a program alone: after those that are played, and before any other', async () => {
    const { sut, begun, most, end } = setUp(2);
    const [a, b, c, d] = programs(4);
    sut.expect([a!, b!, c!]);
    void sut.play(a!);
    await end();
    const alone = sut.runAlone(d!, OPTIONS);
    await end(a!);
    expect(begun).to.deep.equal([a, b]);
    await end(b!);
    expect(begun).to.deep.equal([a, b, d]);
    expect(most.playing).to.equal(2);
    await end(d!);

    expect(await alone).to.equal(DIED);
    expect(begun).to.deep.equal([a, b, d, c]);
  });

  it('should not finish before everything has ended', async () => {
    const { sut, end, settle } = setUp(2);
    const [a, b] = programs(2);
    let isFinished = false;
    sut.expect([a!, b!]);
    void sut.play(a!);
    await end(a!);
    void sut.finish().then(() => {
      isFinished = true;
    });
    await settle();
    expect(isFinished).to.equal(false);
    await end(b!);

    expect(isFinished).to.equal(true);
  });
});
