/** `readInode`: the contents of files by inode number. */
import type * as veridian from '../../contract/veridian.ts';
import { machine, panic, raise } from '../keos/active-machine.ts';
import { show, u64 } from '../keos/checks.ts';
import { isUint8Array, PageBytesView, uint8ArrayLength } from '../keos/page-bytes.ts';
import { PAGE_SIZE } from '../../x86/page-table-entry.ts';
import type { StoredFile } from '../regular-file.ts';
import { KernelError } from './errors.ts';

/** `code` of the error of a block that cannot be read. */
const READ_FAILED = 5;

/** See `readInode` in the contract. */
export function readInode(
  inode: bigint,
  offset: bigint,
  buffer: veridian.PageBytes | Uint8Array,
): number {
  machine().enter();
  const number = u64('readInode', 'the inode', inode);
  const position = Number(u64('readInode', 'the offset', offset));
  const frame = PageBytesView.frameOf('readInode', buffer);
  if (frame === undefined && !isUint8Array(buffer))
    panic(`readInode: the buffer is ${show(buffer)}, not PageBytes or a Uint8Array`);
  const length = frame === undefined ? uint8ArrayLength(buffer as Uint8Array) : PAGE_SIZE;
  const kernel = machine();
  const file = kernel.files.withInode(Number(number));
  if (file === undefined)
    return refuse(() => KernelError.NotFound({ resource: 'inode', id: number }));
  kernel.noteFileRead(file.ino, position);
  if (kernel.faults.strikes('read')) return refuse(readError);
  const bytes = readFully(file, position, length);
  if (bytes === null) {
    kernel.faults.failed('read');
    return refuse(readError);
  }
  if (frame !== undefined) kernel.memory.frameBytes(frame.pa).set(bytes);
  else for (let i = 0; i < bytes.length; i++) (buffer as Uint8Array)[i] = bytes[i] ?? 0;
  kernel.leave();
  return bytes.length;
}

function readError(): veridian.KernelError {
  return KernelError.HardwareError({ device: 'disk', code: READ_FAILED });
}

/** Ends the call with an error; making one is a call, too. */
function refuse(make: () => veridian.KernelError): never {
  machine().leave();
  return raise(make());
}

/** Up to `length` bytes from `position` on, to the end of the file; `null` if one of them cannot be read. */
function readFully(file: StoredFile, position: number, length: number): Uint8Array | null {
  const bytes = new Uint8Array(Math.max(0, Math.min(length, file.size - position)));
  let done = 0;
  while (done < bytes.length) {
    const count = file.read(position + done, bytes.subarray(done));
    if (count === 0) return null;
    done += count;
  }
  return bytes;
}
