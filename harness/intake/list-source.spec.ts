import { execFileSync } from 'node:child_process';
import { chmodSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect } from 'chai';
import { readPath as readSubmission } from './testing/read-path.ts';
import { accepted, reasonOf } from './testing/outcome.ts';
import { Workspace } from './testing/workspace.ts';

/** Of POSIX; Node itself makes no named pipes. */
const MAKE_PIPE = 'mkfifo';

/** The traps of a disk, seen from where they must end: in a reason. */
describe('listSource', () => {
  let workspace: Workspace;
  beforeEach(() => (workspace = new Workspace()));
  afterEach(() => workspace.remove());

  const reasonFor = async (path: string) => reasonOf(await readSubmission(path));

  it('should refuse a path that does not exist', async () => {
    const path = workspace.path('nobody');

    expect(await reasonFor(path)).to.equal('"nobody" does not exist; check the path.');
    expect(await reasonFor(`${workspace.file('a', '')}/b`)).to.include('does not exist');
  });

  it('should refuse paths that are none', async () => {
    expect(await reasonFor('')).to.include('path is empty');
    expect(await reasonFor('a\0b')).to.include('"a\\u{0}b" is not a path');
    expect(await reasonFor(workspace.path('x'.repeat(5000)))).to.include('too long a path');
  });

  it('should refuse an empty folder', async () => {
    expect(await reasonFor(workspace.write('alice', {}))).to.include('is empty');
    expect(await reasonFor(workspace.write('bob', { '.git/config': '' }))).to.include('is empty');
  });

  it('should refuse a file that is no zip file', async () => {
    expect(await reasonFor(workspace.file('a.zip', 'hello'))).to.include('is not a zip file');
    expect(await reasonFor(workspace.file('b.zip', ''))).to.include('is not a zip file');
    expect(await reasonFor(workspace.file('fork.ts', '//'))).to.include('the folder it lies in');
  });

  it('should refuse a zip file that is too large', async () => {
    const path = workspace.file('a.zip', Buffer.alloc((32 << 20) + 1));

    expect(await reasonFor(path))
      .to.include('larger than 32 MiB')
      .and.include('If it holds a class, unpack it');
  });

  describe('symbolic links', () => {
    const linked = (name: string, target: string) => {
      const path = workspace.write('alice', { 'fork.ts': '//', 'src/': '' });
      symlinkSync(target, workspace.path('alice', name));
      return path;
    };

    for (const [kind, name, target] of [
      ['a file', 'page-table.ts', 'fork.ts'],
      ['a file outside', 'src/page-table.ts', '/etc/passwd'],
      ['a folder', 'lib', 'src'],
      ['nothing', 'notes.txt', 'nowhere'],
      ['itself', 'loop', 'loop'],
      ['the folder it lies in', 'src/up', '..'],
    ] as const) {
      it(`should refuse a link to ${kind}, by name`, async () => {
        expect(await reasonFor(linked(name, target))).to.include(`"${name}" is a symbolic link`);
      });
    }

    it('should refuse a source that is a link, with and without a slash', async () => {
      workspace.write('alice', { 'fork.ts': '//' });
      symlinkSync('alice', workspace.path('bob'));

      expect(await reasonFor(workspace.path('bob'))).to.include('is a symbolic link');
      expect(await reasonFor(`${workspace.path('bob')}/`)).to.include('is a symbolic link');
    });

    it('should not look at links in litter', async () => {
      const path = workspace.write('alice', { 'fork.ts': '//', 'node_modules/.bin/': '' });
      symlinkSync('/etc', workspace.path('alice', 'node_modules', 'etc'));

      accepted(await readSubmission(path));
    });
  });

  describe('special files', () => {
    before(function () {
      if (process.platform === 'win32') this.skip();
    });

    it('should refuse named pipes and not wait for them', async () => {
      const path = workspace.write('alice', { 'page-table.ts': '//' });
      execFileSync(MAKE_PIPE, [workspace.path('alice', 'fork.ts')]);

      expect(await reasonFor(path)).to.include('"fork.ts" is a named pipe');
      expect(await reasonFor(workspace.path('alice', 'fork.ts'))).to.include('is a named pipe');
    });

    it('should refuse devices', async () => {
      expect(await reasonFor('/dev/zero')).to.equal(
        '"zero" is a device, not a file or folder; remove it.',
      );
    });

    it('should refuse sockets', async () => {
      const path = workspace.write('alice', { 'fork.ts': '//' });
      const server = createServer();
      await new Promise<void>((done) => server.listen(workspace.path('alice', 's'), done));

      expect(await reasonFor(path)).to.include('"s" is a socket');
      await new Promise((done) => server.close(done));
    });
  });

  describe('permissions', () => {
    it('should name a file and a folder that may not be read', async function () {
      if (process.platform === 'win32') this.skip();
      const file = workspace.write('alice', { 'fork.ts': '//' });
      const folder = workspace.write('bob', { 'fork.ts': '//', 'lib/x.ts': '//' });
      chmodSync(workspace.root, 0o755);
      chmodSync(workspace.path('alice', 'fork.ts'), 0);
      chmodSync(workspace.path('bob', 'lib'), 0);

      const reasons = await asNobody(async () => [await reasonFor(file), await reasonFor(folder)]);
      chmodSync(workspace.path('bob', 'lib'), 0o755);

      expect(reasons[0]).to.include('"fork.ts" may not be read; grant read permission');
      expect(reasons[1]).to.include('"lib" may not be read; grant read permission');
    });
  });

  it('should refuse code under a name other systems cannot have', async function () {
    if (process.platform === 'win32') this.skip();
    const path = workspace.write('alice', { 'fork.ts': '//', 'a\\b.ts': '//', 'Icon\r': '' });

    expect(await reasonFor(path)).to.equal('"a\\b.ts" has a backslash in its path; rename it.');
  });
});

/** Root may read everything: where tests run as root, look with the eyes of another. */
async function asNobody<T>(look: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return look();
  process.seteuid!(65534);
  try {
    return await look();
  } finally {
    process.seteuid!(0);
  }
}
