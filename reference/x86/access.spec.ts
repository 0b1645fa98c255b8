import { expect } from 'chai';
import { describePageFault, KEOS_CONTROLS, PF } from './access.ts';

describe('describePageFault', () => {
  it('should say who did what and why it failed', () => {
    expect(describePageFault(0)).to.equal('kernel read, page not present');
    expect(describePageFault(PF.USER | PF.WRITE)).to.equal('user write, page not present');
    expect(describePageFault(PF.USER | PF.FETCH | PF.PRESENT)).to.equal(
      'user fetch, protection violation',
    );
    expect(describePageFault(PF.WRITE | PF.PRESENT)).to.equal('kernel write, protection violation');
  });

  it('should blame a reserved bit before a right', () => {
    expect(describePageFault(PF.PRESENT | PF.RESERVED)).to.equal(
      'kernel read, a reserved bit is set',
    );
  });

  it('should have words of its own for every code the processor can deliver', () => {
    const causes = [0, PF.PRESENT, PF.PRESENT | PF.RESERVED];
    const codes = causes.flatMap((cause) =>
      [0, PF.USER].flatMap((who) => [0, PF.WRITE, PF.FETCH].map((what) => cause | who | what)),
    );

    expect(new Set(codes.map(describePageFault))).to.have.lengthOf(codes.length);
  });
});

describe('KEOS_CONTROLS', () => {
  it('should be those of KeOS', () => {
    expect(KEOS_CONTROLS).to.deep.equal({
      wp: true,
      smep: false,
      smap: false,
      nxe: true,
      pge: false,
      pcide: false,
      maxPhyAddr: 52,
    });
  });
});
