import { spawnSync } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { failedIsolator, ISOLATORS, isolationPrefix, type Isolator } from './isolation.ts';

const REPOSITORY = join(__dirname, '../..');

/** Runs a script isolated by `tool`, without any other wall, and gives what it prints; `null` if the tool is not there or may not be used. */
function run(tool: Isolator, script: string, readable: readonly string[] = []): string | null {
  const [command, ...args] = [...isolationPrefix(tool, readable), process.execPath, '-e', script];
  if (command === process.execPath) return null;
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', env: {} });
  if (failedIsolator(stderr) !== null) return null;
  expect(status, stderr).to.equal(0);
  return stdout.trim();
}

describe('isolationPrefix', () => {
  for (const tool of ISOLATORS) {
    describe(tool, () => {
      let server: Server;

      before(function (done) {
        if (run(tool, '0') === null) this.skip();
        server = createServer().listen(0, '127.0.0.1', done);
      });

      after(() => {
        // Not there if all of this was skipped.
        (server as Server | undefined)?.close();
      });

      it('should hide other processes', () => {
        const script = `
          try { process.kill(${String(process.pid)}, 0); console.log('seen'); } catch (e) { console.log(e.code); }
          console.log(require('fs').readdirSync('/proc').filter((name) => /^\\d+$/.test(name)).length < 4);`;

        expect(run(tool, script)).to.equal('ESRCH\ntrue');
      });

      it('should have no network, not even that of the machine itself', () => {
        const { port } = server.address() as { port: number };
        const script = `
          const socket = require('net').connect(${String(port)}, '127.0.0.1', () => console.log('reached'));
          socket.on('error', (error) => console.log(error.code)).on('connect', () => socket.destroy());`;

        expect(run(tool, script)).to.be.oneOf(['ECONNREFUSED', 'ENETUNREACH']);
      });
    });
  }

  describe('bwrap', () => {
    before(function () {
      if (run('bwrap', '0') === null) this.skip();
    });

    it('should show the files that may be read, and none else', () => {
      const script = `
        const fs = require('fs');
        for (const file of ['README.md', 'package.json'])
          try { console.log(fs.readFileSync(${JSON.stringify(`${REPOSITORY}/`)} + file).length > 0); } catch (e) { console.log(e.code); }`;

      expect(run('bwrap', script, [join(REPOSITORY, 'package.json')])).to.equal('ENOENT\ntrue');
    });

    it('should let nothing be written', () => {
      const script = `
        for (const file of ['/canary', '/tmp/canary', '/dev/canary', '/usr/lib/canary'])
          try { require('fs').writeFileSync(file, ''); console.log(file); } catch {}
        console.log('done', process.getuid());`;
      const written = run('bwrap', script);

      // Devices lie in memory of its own.
      expect(written?.replace('/dev/canary\n', '')).to.equal('done 65534');
    });
  });
});

describe('failedIsolator', () => {
  it('should tell the tool that complains', () => {
    expect(failedIsolator('bwrap: setting up uid map: Permission denied')).to.equal('bwrap');
    expect(failedIsolator('unshare: unshare failed: Operation not permitted')).to.equal('unshare');
    expect(failedIsolator('node: error while loading shared libraries: libx.so')).to.equal('bwrap');
  });

  it('should not take what student code says for it', () => {
    expect(failedIsolator('SIGKILL: a pager that unshares pages')).to.equal(null);
  });
});
