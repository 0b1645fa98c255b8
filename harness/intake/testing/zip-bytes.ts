import { crc32, deflateRawSync } from 'node:zlib';

/** An entry of a zip file to forge. What is not given is as an honest program would write it. */
export interface ForgedEntry {
  readonly name: string | Buffer;
  readonly text?: string | Buffer;
  /** What lies in the archive for `text`. */
  readonly data?: Buffer;
  readonly method?: number;
  readonly flags?: number;
  /** `st_mode`, in the external attributes. */
  readonly mode?: number;
  /** What the table of contents says, where it lies. */
  readonly declaredSize?: number;
  readonly checksum?: number;
  /** The name beside the data, where it differs. */
  readonly localName?: string;
  readonly extra?: Buffer;
}

/** A zip file as bytes, entry by entry, with no check whatever (APPNOTE.TXT, section 4.3). */
export function zipBytes(entries: readonly ForgedEntry[], declaredCount = entries.length): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const { local, central } = forge(entry, offset);
    locals.push(local);
    centrals.push(central);
    offset += local.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(declaredCount, 8);
  end.writeUInt16LE(declaredCount, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

function forge(entry: ForgedEntry, offset: number): { local: Buffer; central: Buffer } {
  const name = Buffer.from(entry.name as string);
  const text = Buffer.from((entry.text ?? '') as string);
  const method = entry.method ?? 8;
  const data = entry.data ?? (method === 8 ? deflateRawSync(text) : text);
  const extra = entry.extra ?? Buffer.alloc(0);

  // The part both headers share: version needed … length of the extra field.
  const shared = Buffer.alloc(26);
  shared.writeUInt16LE(20, 0);
  shared.writeUInt16LE(entry.flags ?? 0x800, 2);
  shared.writeUInt16LE(method, 4);
  shared.writeUInt32LE(entry.checksum ?? crc32(text), 10);
  shared.writeUInt32LE(data.length, 14);
  shared.writeUInt32LE(entry.declaredSize ?? text.length, 18);
  shared.writeUInt16LE(name.length, 22);

  const localName = Buffer.from(entry.localName ?? name);
  const localShared = Buffer.from(shared);
  localShared.writeUInt16LE(localName.length, 22);

  shared.writeUInt16LE(extra.length, 24);
  const tail = Buffer.alloc(14);
  tail.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 6);
  tail.writeUInt32LE(offset, 10);
  return {
    local: Buffer.concat([Buffer.from('PK\u0003\u0004'), localShared, localName, data]),
    central: Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0003'), shared, tail, name, extra]),
  };
}
