import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import { ZipFile } from 'yazl';

/** Files by path. */
export type Tree = Readonly<Record<string, string | Buffer>>;

/** A tree as a zip file, of an ordinary program. */
export function zipOf(tree: Tree): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [path, content] of Object.entries(tree)) zip.addBuffer(Buffer.from(content), path);
  zip.end();
  return buffer(zip.outputStream);
}

/** An entry of a tar file to forge. */
export interface TarEntry extends Partial<Omit<Header, 'name'>> {
  readonly name: string;
  readonly text?: string | Buffer;
}

/** A tar file with any entries. */
export function tarOfEntries(entries: readonly TarEntry[]): Promise<Buffer> {
  const archive = pack();
  for (const { text, ...header } of entries) {
    if (text === undefined) archive.entry(header, '');
    else archive.entry(header, Buffer.from(text));
  }
  archive.finalize();
  return buffer(archive);
}

/** A tree as a tar file. */
export function tarOf(tree: Tree): Promise<Buffer> {
  return tarOfEntries(Object.entries(tree).map(([name, text]) => ({ name, text })));
}

/** A tree as a compressed tar file. */
export async function tgzOf(tree: Tree): Promise<Buffer> {
  return gzipSync(await tarOf(tree));
}
