/** Archives and folders that are not what they seem. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { paxRecord, tarBytes } from '../../intake/testing/tar-bytes.ts';
import { type ForgedEntry, zipBytes } from '../../intake/testing/zip-bytes.ts';
import type { ArchiveAttack, CanaryPlaces } from '../attack.ts';
import { ofKind, type Unsorted } from '../define.ts';

const CODE: ForgedEntry = { name: 'homework/page-table.ts', text: 'export class PageTable {}' };

/** A zip file with a good file and `entries`. */
function zip(
  id: string,
  after: string,
  entries: (canaries: CanaryPlaces) => readonly ForgedEntry[],
): Unsorted<ArchiveAttack> {
  return {
    id,
    after,
    from: 'archive',
    source: (canaries) => zipBytes([CODE, ...entries(canaries)]),
  };
}

function bytes(id: string, after: string, source: () => Buffer): Unsorted<ArchiveAttack> {
  return { id, after, from: 'archive', source };
}

/** A folder with a good file and what `write` adds. */
function folder(
  id: string,
  after: string,
  write: (path: string, canaries: CanaryPlaces) => void,
): Unsorted<ArchiveAttack> {
  return {
    id,
    after,
    from: 'archive',
    source: (canaries) => (path) => {
      mkdirSync(path, { recursive: true });
      writeFileSync(join(path, 'page-table.ts'), 'export class PageTable {}');
      write(path, canaries);
    },
  };
}

const LINK = 0o120777;
const GIB_OF_ZEROS = deflateRawSync(Buffer.alloc(2 ** 28));

export const ARCHIVES = ofKind('archives', [
  zip('zip-slip', 'Write outside the folder of the submission.', () => [
    { name: '../../../../tmp/pwned.ts', text: 'x' },
  ]),
  zip('zip-slip-inside', 'Leave the folder in the middle of a path.', () => [
    { name: 'homework/../../pwned.ts', text: 'x' },
  ]),
  zip('zip-absolute', 'Write to an absolute path.', (c) => [
    { name: c.droppedFile.replace(/\.txt$/, '.ts'), text: 'x' },
  ]),
  zip('zip-drive', 'Write to a drive of Windows.', () => [
    { name: 'C:\\Windows\\pwned.ts', text: 'x' },
  ]),
  zip('zip-backslash', 'Leave the folder with backslashes.', () => [
    { name: 'homework\\..\\..\\pwned.ts', text: 'x' },
  ]),
  zip('zip-symlink', 'Have a file of the grader read through a link.', (c) => [
    { name: 'homework/lazy-pager.ts', text: c.secretFile, mode: LINK, method: 0 },
  ]),
  zip('zip-symlink-folder', 'Have a folder of the grader read through a link.', (c) => [
    { name: 'homework/lib', text: dirname(c.secretFile), mode: LINK, method: 0 },
  ]),
  zip('zip-device', 'Have a device read.', () => [
    { name: 'homework/zero.ts', text: '', mode: 0o020666 },
  ]),
  zip('zip-fifo', 'Have the grader wait at a pipe.', () => [
    { name: 'homework/pipe.ts', text: '', mode: 0o010666 },
  ]),
  zip('zip-bomb', 'Have a quarter of a GiB unpacked from a quarter of a MiB.', () => [
    { name: 'homework/bomb.ts', text: '', data: GIB_OF_ZEROS, declaredSize: 2 ** 28 },
  ]),
  zip('zip-bomb-that-lies', 'Have it unpacked by saying that it is small.', () => [
    { name: 'homework/bomb.ts', text: 'x', data: GIB_OF_ZEROS, declaredSize: 100 },
  ]),
  zip('zip-bomb-of-many', 'Have many files unpacked that are just small enough.', () =>
    Array.from({ length: 150 }, (_, i) => ({
      name: `homework/m${String(i)}.ts`,
      text: Buffer.alloc(250 * 1024, 32),
    })),
  ),
  zip('zip-of-entries', 'Have thousands of entries listed.', () =>
    Array.from({ length: 5000 }, (_, i) => ({ name: `homework/x${String(i)}.txt`, text: '' })),
  ),
  zip(
    'zip-twice',
    'Have one tool see another file than the next, by a name that occurs twice.',
    () => [{ ...CODE, text: 'export class PageTable { honest = true }' }],
  ),
  zip('zip-local-name', 'Call a file otherwise where its data are.', () => [
    { name: 'homework/lazy-pager.ts', localName: 'homework/lazy-pager.md', text: 'x' },
  ]),
  zip('zip-checksum', 'Have damaged data taken for whole.', () => [
    { name: 'homework/lazy-pager.ts', text: 'x', checksum: 1 },
  ]),
  zip('zip-encrypted', 'Have the grader ask for a password.', () => [
    { name: 'homework/lazy-pager.ts', text: 'x', flags: 0x801 },
  ]),
  zip('zip-method', 'Use a compression that nobody knows.', () => [
    { name: 'homework/lazy-pager.ts', text: 'x', method: 99, data: Buffer.from('x') },
  ]),
  zip('zip-name-escapes', 'Send commands to a terminal by a name.', () => [
    { name: 'homework/\u001b]0;owned\u0007.ts', text: 'x' },
  ]),
  zip('zip-name-nul', 'Hide the end of a name behind a NUL.', () => [
    { name: 'homework/lazy-pager.ts\0.png', text: 'x' },
  ]),
  zip('zip-name-bidi', 'Turn a name around, so that it reads otherwise.', () => [
    { name: 'homework/\u202est.elbat', text: 'x' },
    { name: 'homework/\u202est.elbat.ts', text: 'x' },
  ]),
  zip('zip-name-long', 'Use a name of sixty thousand characters.', () => [
    { name: `homework/${'x'.repeat(60_000)}.ts`, text: 'x' },
  ]),
  zip('zip-deep', 'Use a path through ten thousand folders.', () => [
    { name: `homework/${'a/'.repeat(10_000)}x.ts`, text: 'x' },
  ]),
  zip('zip-file-and-folder', 'Be a file and a folder at once.', () => [
    { name: 'homework/page-table.ts/x.ts', text: 'x' },
  ]),
  zip('zip-in-zip', 'Hide an archive in an archive.', () => [
    { name: 'homework/inner.zip', text: zipBytes([{ name: '../../x.ts', text: 'x' }]) },
  ]),
  bytes('zip-count', 'Hold more entries than it counts.', () =>
    zipBytes([CODE, { name: 'homework/lazy-pager.ts', text: 'hidden' }], 1),
  ),
  bytes('zip-truncated', 'End in the middle.', () => zipBytes([CODE]).subarray(0, 60)),
  bytes('zip-zip64-offset', 'Send the reader to an offset that no file has.', () => zip64()),
  bytes('zip-overlap', 'Let all entries share the same bytes.', () => overlapping()),
  bytes('zip-behind-a-program', 'Be a program and an archive at once.', () =>
    Buffer.concat([Buffer.from('#!/bin/sh\ntouch /tmp/pwned\nexit\n'), zipBytes([CODE])]),
  ),
  bytes('zip-too-large', 'Be an archive of forty MiB.', () =>
    Buffer.concat([zipBytes([CODE]), Buffer.alloc(40 * 2 ** 20)]),
  ),
  bytes('tar-global-record', 'Have megabytes of attributes merged into those of each entry.', () =>
    gzipSync(
      tarBytes([
        { name: 'g', type: 'g', data: manyAttributes(500_000) },
        ...Array.from({ length: 50_000 }, () => ({ name: 'x', type: 'x', data: '6 a=b\n' })),
        { name: 'page-table.ts', data: 'export class PageTable {}' },
      ]),
    ),
  ),
  bytes('tar-small-global-record', 'Have attributes merged that are just few enough.', () =>
    gzipSync(
      tarBytes([
        { name: 'g', type: 'g', data: manyAttributes(5_000) },
        ...Array.from({ length: 5_900 }, () => ({ name: 'x', type: 'x', data: '6 a=b\n' })),
        { name: 'page-table.ts', data: 'export class PageTable {}' },
      ]),
    ),
  ),
  bytes('tar-folder-with-data', 'Have the reader wait for data of a folder.', () =>
    tarBytes([
      { name: 'homework', type: '5', declaredSize: 512 },
      { name: 'homework/page-table.ts', data: 'export class PageTable {}' },
    ]),
  ),
  bytes('tar-deep', 'Have a folder kept for each step of very many paths.', () =>
    gzipSync(
      tarBytes(
        Array.from({ length: 20_000 }, (_, i) => ({
          name: `${String(i)}/${'a/'.repeat(40)}x.ts`,
        })),
      ),
    ),
  ),
  bytes('tar-two-sizes', 'Hide an entry in the data of another.', () =>
    tarBytes([
      { name: 'x', type: 'x', data: paxRecord('size', '1024') },
      { name: 'page-table.ts', data: 'export class PageTable {}' },
    ]),
  ),
  bytes('tar-behind-its-end', 'Have code graded that no other program unpacks.', () =>
    Buffer.concat([
      tarBytes([{ name: 'README.md', data: 'nothing to see' }]),
      tarBytes([{ name: 'page-table.ts', data: 'export class PageTable {}' }]),
    ]),
  ),
  bytes('tar-global-path', 'Have code graded that other programs unpack under another name.', () =>
    tarBytes([
      { name: 'g', type: 'g', data: paxRecord('path', 'notes.txt') },
      { name: 'page-table.ts', data: 'export class PageTable {}' },
    ]),
  ),
  bytes('tar-sparse', 'Have a file unpacked by others under a name of its own choice.', () =>
    tarBytes([
      { name: 'x', type: 'x', data: paxRecord('GNU.sparse.name', '../../etc/passwd') },
      { name: 'page-table.ts', data: 'export class PageTable {}' },
    ]),
  ),
  folder('folder-symlink', 'Have a file of the grader read through a link.', (path, c) =>
    symlinkSync(c.secretFile, join(path, 'lazy-pager.ts')),
  ),
  folder('folder-symlink-up', 'Have everything above the folder read through a link.', (path) =>
    symlinkSync('..', join(path, 'lib')),
  ),
  folder('folder-symlink-loop', 'Have the grader go in circles.', (path) =>
    symlinkSync('.', join(path, 'again')),
  ),
  folder(
    'folder-fifo',
    'Have the grader wait at a pipe.',
    (path) => void execFileSync('mkfifo', [join(path, 'lazy-pager.ts')]),
  ),
  folder('folder-device', 'Have an endless device read.', (path) =>
    symlinkSync('/dev/zero', join(path, 'lazy-pager.ts')),
  ),
  folder('folder-huge-file', 'Have a file of a GiB read that takes no room.', (path) => {
    writeFileSync(join(path, 'lazy-pager.ts'), '');
    truncateSync(join(path, 'lazy-pager.ts'), 2 ** 30);
  }),
  folder('folder-many', 'Have thousands of files listed.', (path) => {
    for (let i = 0; i < 3000; i++) writeFileSync(join(path, `x${String(i)}.ts`), '');
  }),
  folder('folder-deep', 'Have the grader go down three hundred folders.', (path) => {
    const deep = join(path, ...Array.from({ length: 300 }, () => 'a'));
    mkdirSync(deep, { recursive: true });
    writeFileSync(join(deep, 'lazy-pager.ts'), '');
  }),
  folder('folder-binary', 'Have code read that is no text.', (path) =>
    writeFileSync(join(path, 'lazy-pager.ts'), Buffer.from([0xff, 0xfe, 0x00, 0xd8, 0xff])),
  ),
]);

/** Records of pax that all have another key. */
function manyAttributes(count: number): string {
  return Array.from({ length: count }, (_, i) => paxRecord(i.toString(36), '')).join('');
}

/** An archive whose end says that its table of contents is at the last address there is (APPNOTE.TXT, section 4.3.14). */
function zip64(): Buffer {
  const archive = Buffer.from(zipBytes([CODE]));
  archive.writeUInt32LE(0xffff_ffff, archive.length - 6);
  const record = Buffer.alloc(56);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(44n, 4);
  record.writeBigUInt64LE(1n, 24);
  record.writeBigUInt64LE(1n, 32);
  record.writeBigUInt64LE(100n, 40);
  record.writeBigUInt64LE(0x7fff_ffff_ffff_ff00n, 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(archive.length - 22), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([archive.subarray(0, -22), record, locator, archive.subarray(-22)]);
}

/** Many entries of the table of contents that point to the same data. */
function overlapping(): Buffer {
  const entries = Array.from({ length: 100 }, (_, i) => ({
    name: `homework/m${String(i)}.ts`,
    text: 'x'.repeat(1000),
  }));
  const archive = Buffer.from(zipBytes(entries));
  const directory = archive.readUInt32LE(archive.length - 6);
  for (
    let at = directory;
    archive.readUInt32LE(at) === 0x02014b50;
    at += 46 + archive.readUInt16LE(at + 28)
  )
    archive.writeUInt32LE(0, at + 42);
  return archive;
}
