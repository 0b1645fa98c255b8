/** `RegularFile`: handles on the file store. */
import type * as keos from '../../contract/keos.ts';
import { PAGE_SIZE } from '../../x86/page-table-entry.ts';
import type { Frame } from '../frames.ts';
import type { StoredFile } from '../regular-file.ts';
import { machine, panic, raise } from './active-machine.ts';
import { show, u64 } from './checks.ts';
import { KernelError } from './errors.ts';
import { Page } from './page.ts';
import { isUint8Array, PageBytesView, uint8ArrayLength } from './page-bytes.ts';

class RegularFileHandle {
  readonly #file: StoredFile;

  constructor(file: StoredFile) {
    this.#file = file;
  }

  ino(): bigint {
    const { ino } = this.#file;
    machine().enter();
    machine().leave();
    return BigInt(ino);
  }

  size(): bigint {
    const { size } = this.#file;
    machine().enter();
    machine().leave();
    return BigInt(size);
  }

  mmap(block: keos.FileBlockNumber): keos.Page {
    machine().enter();
    const number = Number(u64('RegularFile.mmap', 'the block', block));
    const kernel = machine();
    kernel.fileReads++;
    if (kernel.faults.strikes('file')) raise(KernelError.IOError);
    const key = `${String(this.#file.ino)}:${String(number)}`;
    let frame = kernel.pageCache.get(key);
    if (frame === undefined) {
      const taken = kernel.allocate(true);
      if (taken === null) raise(KernelError.NoMemory);
      frame = taken;
      this.#file.read(number * PAGE_SIZE, kernel.memory.frameBytes(frame.pa));
      if (this.#file.cached) {
        // The cache owns a reference as a `Page` does: nobody else can take it over.
        frame.handles++;
        kernel.pageCache.set(key, frame);
      }
    }
    if (this.#file.cached) frame.references++;
    const page = Page.adopt(frame);
    kernel.leave();
    return page;
  }

  read(position: bigint, buffer: keos.PageBytes | Uint8Array): number {
    machine().enter();
    const kernel = machine();
    const at = u64('RegularFile.read', 'the position', position);
    const frame = PageBytesView.frameOf('RegularFile.read', buffer);
    const bytes = new Uint8Array(bufferLength('RegularFile.read', frame, buffer));
    kernel.fileReads++;
    if (kernel.faults.strikes('file')) raise(KernelError.IOError);
    const count = at > BigInt(this.#file.size) ? 0 : this.#file.read(Number(at), bytes);
    if (frame !== undefined) kernel.memory.frameBytes(frame.pa).set(bytes.subarray(0, count));
    else for (let i = 0; i < count; i++) (buffer as Uint8Array)[i] = bytes[i] ?? 0;
    kernel.leave();
    return count;
  }

  write(position: bigint, buffer: keos.PageBytes | Uint8Array): number {
    machine().enter();
    const at = u64('RegularFile.write', 'the position', position);
    const frame = PageBytesView.frameOf('RegularFile.write', buffer);
    const bytes = new Uint8Array(bufferLength('RegularFile.write', frame, buffer));
    if (frame !== undefined) bytes.set(machine().memory.frameBytes(frame.pa));
    else for (let i = 0; i < bytes.length; i++) bytes[i] = (buffer as Uint8Array)[i] ?? 0;
    const count = at > BigInt(this.#file.size) ? 0 : this.#file.write(Number(at), bytes);
    machine().leave();
    return count;
  }
}

function bufferLength(call: string, frame: Frame | undefined, buffer: unknown): number {
  if (frame !== undefined) return PAGE_SIZE;
  if (!isUint8Array(buffer))
    panic(`${call}: the buffer is ${show(buffer)}, not PageBytes or a Uint8Array`);
  return uint8ArrayLength(buffer);
}

/** A frozen handle on a stored file, for the driver to hand to student code. */
export function openFile(file: StoredFile): keos.RegularFile {
  return Object.freeze(new RegularFileHandle(file)) as unknown as keos.RegularFile;
}

/** Prototype of all file handles, so that it can be frozen with the rest of the surface. */
export const REGULAR_FILE_PROTOTYPE: object = RegularFileHandle.prototype;
