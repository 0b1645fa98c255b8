import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { type Answer, ConfinedProcess } from './confined-process.ts';

/** Whether the process ends within five seconds. */
async function isGone(pid: number): Promise<boolean> {
  for (let waited = 0; waited < 5_000; waited += 50) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await sleep(50);
  }
  process.kill(pid, 'SIGKILL');
  return false;
}

/** A process that runs `script`; `send(text)` there writes a message whose text is `text`. */
function start(script: string): ConfinedProcess {
  const prelude = `
    const fs = require('fs');
    const frame = (text) => { const b = Buffer.from(text); const h = Buffer.alloc(4); h.writeUInt32LE(b.length); return Buffer.concat([h, b]); };
    const send = (text) => fs.writeSync(4, frame(text));
    const receive = () => fs.readSync(3, Buffer.alloc(4096));
    const wait = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`;
  return new ConfinedProcess([process.execPath, '-e', prelude + script], 700);
}

describe('ConfinedProcess', () => {
  let sut: ConfinedProcess | undefined;

  afterEach(async () => {
    await sut?.end();
  });

  function ask(script: string, wallMs = 60_000, messages = 1): Promise<Answer> {
    sut = start(script);
    return sut.ask({ do: 'something' }, wallMs, messages);
  }

  it('should answer with what the process writes', async () => {
    expect(await ask(`receive(); send('{"a":[1]}'); wait();`)).to.deep.equal({
      kind: 'reply',
      reply: { a: [1] },
    });
  });

  it('should put together a message that comes in pieces', async () => {
    const answer = await ask(`
      const bytes = frame(JSON.stringify('é'.repeat(100000)));
      for (let i = 0; i < bytes.length; i += 7777) fs.writeSync(4, bytes.subarray(i, i + 7777));
      wait();`);

    expect(answer).to.have.property('reply').that.has.length(100_000);
  });

  it('should keep the second message of an answer until it is asked for', async () => {
    await ask(
      `receive(); fs.writeSync(4, Buffer.concat([frame('1'), frame('2')])); wait();`,
      5_000,
      2,
    );

    expect(await sut?.next(100)).to.deep.equal({ kind: 'reply', reply: 2 });
  });

  for (const [what, script, why] of [
    ['a process that does not answer', 'wait();', 'timeout'],
    ['text that is not JSON', `send('{'); wait();`, 'protocol'],
    [
      'a length above the limit',
      `fs.writeSync(4, Buffer.from([0, 0, 0, 0x7f])); wait();`,
      'reply-too-large',
    ],
    ['a process that exits', 'process.exit(3);', 'crash'],
    [
      'a process that closes its pipes',
      'fs.closeSync(3); fs.closeSync(4); process.exit(0);',
      'crash',
    ],
    ['a process that is killed', `process.kill(process.pid, 'SIGKILL');`, 'memory'],
    ['a process that aborts', `process.abort();`, 'memory'],
    ['a process that crashes', `process.kill(process.pid, 'SIGSEGV'); wait();`, 'memory'],
  ] as const) {
    it(`should tell ${what} from others: ${why}`, async () => {
      const answer = await ask(script, why === 'timeout' ? 100 : 60_000);

      expect(answer).to.include({ kind: 'died', why });
      expect(sut?.alive).to.equal(false);
      expect(await sut?.ask(1, 100)).to.deep.equal(answer);
    });
  }

  it('should give a process more time that the machine does not let run', async function () {
    if (process.platform !== 'linux') this.skip();
    // It is stopped for longer than it may take, by another process, and goes on then.
    const answer = await ask(
      `
      const { spawn } = require('child_process');
      receive();
      spawn('sh', ['-c', 'kill -STOP ' + process.pid + '; sleep 2.5; kill -CONT ' + process.pid], { detached: true, stdio: 'ignore' });
      for (const end = Date.now() + 1500; Date.now() < end; );
      send('"late"');
      wait();`,
      2_000,
    );

    expect(answer).to.deep.equal({ kind: 'reply', reply: 'late' });
  });

  it('should give a process no more time that uses all it gets', async () => {
    const start = performance.now();

    const answer = await ask('for (;;);', 1_500);

    expect(answer).to.include({ kind: 'died', why: 'timeout' });
    // On a machine that lets it run; on any other it may take longer, up to five times.
    if (answer.kind === 'died' && answer.detail === 'no answer after 1500 ms')
      expect(performance.now() - start).to.be.lessThan(1_500 * 5);
    else
      expect(answer)
        .to.have.property('detail')
        .that.matches(/after (3000|4500|6000|7500) ms/);
  });

  it('should not wait for what has left its group, and close the pipes of that', async function () {
    if (process.platform === 'win32') this.skip();
    // So it is with a tool that isolates, killed before what it isolates is bound to it.
    const answer = await ask(`
      const { spawn } = require('child_process');
      const waits = 'require("fs").readSync(3, Buffer.alloc(1)); require("fs").readSync(3, Buffer.alloc(1));';
      receive();
      const orphan = spawn(process.execPath, ['-e', waits], { detached: true, stdio: ['ignore', 'ignore', 2, 3, 4] });
      send(String(orphan.pid));
      wait();`);
    const { reply: orphan } = answer as { reply: number };

    await sut?.end();

    expect(await isGone(orphan)).to.equal(true);
  });

  it('should end a process that answers without being asked', async () => {
    await ask(`receive(); send('1'); send('2'); wait();`);
    await new Promise((resolve) => setTimeout(resolve, 50));

    expect(await sut?.ask(1, 100)).to.include({ kind: 'died', why: 'protocol' });
  });

  it('should survive a program that does not exist', async () => {
    sut = new ConfinedProcess(['/no/such/program'], 700);

    const answer = await sut.ask(1, 2_000);
    await sut.end();

    expect(answer).to.include({ kind: 'died', why: 'crash' });
  });

  it('should survive a process that is gone before a large message is written', async () => {
    sut = start('process.exit(0);');
    await new Promise((resolve) => setTimeout(resolve, 200));

    expect(await sut.ask('x'.repeat(10 ** 7), 2_000)).to.include({ kind: 'died' });
  });
});
