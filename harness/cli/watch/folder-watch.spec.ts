import { expect } from 'chai';
import { type FSWatcher, watch } from 'chokidar';
import { EventEmitter, once } from 'node:events';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
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
    it(`should say once what to do about ${code}, and go on without`, async () => {
      const events = new EventEmitter();
      const troubles: string[] = [];
      let asked = 0;
      const sut = new FolderWatch(
        folder,
        {
          onHint: () => void events.emit('hint'),
          onTrouble: (text) => void troubles.push(text),
        },
        () => {
          asked++;
          return refused(code);
        },
      );
      try {
        await sut.start();
        for (let hints = 0; hints < 3; hints++) await once(events, 'hint');
      } finally {
        await sut.close();
      }

      expect(asked).to.equal(1);
      expect(troubles).to.have.length(1);
      expect(troubles[0]).to.include(code).and.include(`sudo sysctl fs.inotify.${setting}`);
    });
  }

  it('should notice a save long before it would look by itself, also after the folder was replaced', async () => {
    const events = new EventEmitter();
    let readied = 0;
    const sut = new FolderWatch(
      folder,
      { onHint: () => void events.emit('hint'), onTrouble: (text) => expect.fail(text) },
      (path, options) =>
        watch(path, options).on('ready', () => void events.emit('ready', ++readied)),
    );
    const ready = once(events, 'ready');
    try {
      await sut.start();
      await ready;
      const again = once(events, 'ready');
      await rename(folder, `${folder}-away`);
      await mkdir(folder);
      await again;
      // That it is ready is a hint.
      await once(events, 'hint');
      const times: number[] = [];
      for (let save = 0; save < 5; save++) {
        const start = performance.now();
        await writeFile(join(folder, 'fork.ts'), String(save));
        await once(events, 'hint');
        times.push(performance.now() - start);
      }

      // With a hint a second, five in a row would take more than three.
      expect(times.reduce((sum, ms) => sum + ms)).to.be.lessThan(3_000);
    } finally {
      await sut.close();
      await rm(`${folder}-away`, { recursive: true, force: true });
    }
  });
});
