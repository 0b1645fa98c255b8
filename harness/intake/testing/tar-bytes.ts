const BLOCK = 512;

/** A block of a tar file to forge, with its data. */
export interface TarBlock {
  readonly name: string;
  /** One character; default: a file. */
  readonly type?: string;
  readonly data?: string | Buffer;
  /** What the header says, where that is not the length of the data. */
  readonly declaredSize?: number;
  /** What the header says of the format; default: GNU tar. */
  readonly magic?: string;
}

/** A tar file as bytes, header by header, with no check whatever (GNU tar). */
export function tarBytes(blocks: readonly TarBlock[]): Buffer {
  return Buffer.concat([...blocks.flatMap(forge), Buffer.alloc(2 * BLOCK)]);
}

/** A record `length key=value\n` of pax. */
export function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length++;
  return `${String(length)}${rest}`;
}

function forge({
  name,
  type = '0',
  data = '',
  declaredSize,
  magic = 'ustar  ',
}: TarBlock): Buffer[] {
  const bytes = Buffer.from(data as string);
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  header.write((declaredSize ?? bytes.length).toString(8).padStart(11, '0'), 124);
  header.write('        ', 148);
  header.write(type, 156);
  header.write(magic, 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  const padding = Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK);
  return [header, bytes, padding];
}
