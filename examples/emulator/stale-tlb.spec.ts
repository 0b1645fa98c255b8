import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const GOLDEN = join(__dirname, 'stale-tlb.txt');
const NODE_ARGUMENTS = ['--require', 'ts-node/register', join(__dirname, 'stale-tlb.ts')];

describe('examples/emulator/stale-tlb.ts', () => {
  it('should print what stands beside it', () => {
    const printed = execFileSync(process.execPath, NODE_ARGUMENTS, { encoding: 'utf8' });

    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(GOLDEN, printed);
    expect(printed).to.equal(readFileSync(GOLDEN, 'utf8'));
    for (const line of printed.split('\n')) expect(line.length).to.be.at.most(100);
  });
});
