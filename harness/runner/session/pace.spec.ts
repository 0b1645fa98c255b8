import { expect } from 'chai';
import { tableProgram } from '../../generators/table-scenario.ts';
import type { Program } from '../../protocol/program.ts';
import { Pace } from './pace.ts';

const programs = (count: number): Program[] =>
  Array.from({ length: count }, (_, nth) => tableProgram((t) => t.table(`t${String(nth)}`)));

/** Whether code that takes `ms` for the programs, and `alone` for one when nothing else runs, is slow if the model takes 10. */
async function isSlow(ms: readonly number[], alone: number): Promise<boolean> {
  const sut = new Pace(1);
  for (const [nth, program] of programs(ms.length).entries()) sut.note(program, ms[nth]!, false);
  return sut.isSlow(20, {
    modelMs: () => Promise.resolve(10),
    takesLonger: (_, limit) => Promise.resolve(alone >= limit),
  });
}

describe('Pace', () => {
  it('should call code slow that takes so many times as long as the model', async () => {
    expect(await isSlow([200, 200, 200], 200)).to.equal(true);
    expect(await isSlow([200, 200, 199], 200)).to.equal(false);
  });

  it('should not be deceived by a machine that has much else to do', async () => {
    expect(await isSlow([500, 500, 500], 60)).to.equal(false);
  });

  it('should not be deceived by a machine that is held up while a program is played again', async () => {
    const sut = new Pace(1);
    sut.note(programs(1)[0]!, 900, false);
    const heldUp = [true, true, false];

    const isSlow = await sut.isSlow(20, {
      modelMs: () => Promise.resolve(10),
      takesLonger: () => Promise.resolve(heldUp.shift()!),
    });

    expect(isSlow).to.equal(false);
  });

  it('should not call code slow for some slow programs among many', async () => {
    expect(await isSlow([2_000, 2_000, ...Array.from({ length: 40 }, () => 20)], 2_000)).to.equal(
      false,
    );
  });

  it('should judge by all programs, and not only by those that it plays again', async () => {
    const mostly = Array.from({ length: 500 }, (_, nth) => (nth % 10 === 0 ? 2_500 : 10));

    expect(await isSlow(mostly, 2_500)).to.equal(true);
  });

  it('should take into account that a program that was stopped would have gone on', async () => {
    const stopped = async (count: number): Promise<boolean> => {
      const sut = new Pace(1);
      for (const [nth, program] of programs(10).entries()) sut.note(program, 200, nth < count);
      for (const program of programs(10)) sut.note(program, 100, false);
      return sut.isSlow(20, {
        modelMs: () => Promise.resolve(10),
        takesLonger: () => Promise.resolve(true),
      });
    };

    expect(await stopped(4)).to.equal(false);
    expect(await stopped(5)).to.equal(true);
  });

  it('should play the slowest one again', async () => {
    const sut = new Pace(1);
    const all = programs(3);
    for (const [nth, ms] of [300, 900, 600].entries()) sut.note(all[nth]!, ms, false);
    const again: Program[] = [];
    await sut.isSlow(20, {
      modelMs: () => Promise.resolve(10),
      takesLonger: (program) => {
        again.push(program);
        return Promise.resolve(true);
      },
    });

    expect(again).to.deep.equal([all[1], all[1], all[1]]);
  });

  it('should not call code slow that has played nothing', async () => {
    expect(await isSlow([], 5_000)).to.equal(false);
  });
});
