import { expect } from 'chai';
import { watch, type ChokidarOptions, type FSWatcher } from 'chokidar';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderWatch } from './folder-watch.ts';

/** A watch that the system refuses. */
function refused(code: string): FSWatcher {
  const watcher = new EventEmitter() as unknown as FSWatcher;
  watcher.close = () => Promise.resolve();
  setImmediate(() => watcher.emit('error', Object.assign(new Error(code), { code })));
  return watcher;
}

describe('FolderWatch', function () {
  this.timeout(30_000);
  let folder = '';

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-folder-'));
    await writeFile(join(folder, 'fork.ts'), '1');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  for (const [code, setting] of [
    ['ENOSPC', 'max_user_watches'],
    ['EMFILE', 'max_user_instances'],
  ] as const) {
    it(`should say what to do about ${code}, and look at the files itself`, async () => {
      const events = new EventEmitter();
      const asked: ChokidarOptions[] = [];
      const troubles: string[] = [];
      const sut = new FolderWatch(
        folder,
        {
          onHint: () => void events.emit('hint'),
          onTrouble: (text) => void troubles.push(text),
        },
        (path, options) => {
          asked.push(options);
          if (asked.length === 1) return refused(code);
          return watch(path, options).on('ready', () => void events.emit('ready'));
        },
      );
      const ready = once(events, 'ready');
      try {
        await sut.start();
        await ready;
        // That it is ready is a hint, too.
        await once(events, 'hint');
        const hint = once(events, 'hint');
        await writeFile(join(folder, 'fork.ts'), '22');
        await hint;
      } finally {
        await sut.close();
      }

      expect(asked.map(({ usePolling }) => usePolling === true)).to.deep.equal([false, true]);
      expect(troubles).to.have.length(1);
      expect(troubles[0]).to.include(setting).and.include('sudo sysctl');
    });
  }

  it('should give up in words when not even that is possible', async () => {
    const troubles: string[] = [];
    const told = new Promise<void>((resolve) => {
      const sut = new FolderWatch(
        folder,
        {
          onHint: () => undefined,
          onTrouble: (text) => {
            troubles.push(text);
            if (troubles.length === 2) void sut.close().then(resolve);
          },
        },
        () => refused('EACCES'),
      );
      void sut.start();
    });

    await told;

    expect(troubles[1]).to.include('cannot be watched (EACCES)');
  });
});
