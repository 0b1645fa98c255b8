/** `RegularFile`: handles on the file store. */
import type * as keos from '../../contract/keos.ts';
import { PAGE_SIZE } from '../../x86/page-table-entry.ts';
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
    return BigInt(this.#file.ino);
  }

  size(): bigint {
    return BigInt(this.#file.size);
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
      if (this.#file.cached) kernel.pageCache.set(key, frame);
    }
    if (this.#file.cached) frame.references++;
    const page = Page.adopt(frame);
    kernel.leave();
    return page as keos.Page;
  }

  read(position: bigint, buffer: keos.PageBytes | Uint8Array): number {
    machine().enter();
    const kernel = machine();
    const at = u64('RegularFile.read', 'the position', position);
    const length = bufferLength('RegularFile.read', buffer);
    kernel.fileReads++;
    if (kernel.faults.strikes('file')) raise(KernelError.IOError);
    const bytes = new Uint8Array(length);
    const count = at > BigInt(this.#file.size) ? 0 : this.#file.read(Number(at), bytes);
    store(buffer, bytes.subarray(0, count));
    kernel.leave();
    return count;
  }

  write(position: bigint, buffer: keos.PageBytes | Uint8Array): number {
    machine().enter();
    const at = u64('RegularFile.write', 'the position', position);
    const length = bufferLength('RegularFile.write', buffer);
    const frame = PageBytesView.frameOf(buffer);
    const bytes = new Uint8Array(length);
    if (frame !== undefined) bytes.set(machine().memory.frameBytes(frame.pa));
    else for (let i = 0; i < length; i++) bytes[i] = (buffer as Uint8Array)[i] ?? 0;
    const count = at > BigInt(this.#file.size) ? 0 : this.#file.write(Number(at), bytes);
    machine().leave();
    return count;
  }
}

function bufferLength(call: string, buffer: unknown): number {
  if (PageBytesView.frameOf(buffer) !== undefined) return PAGE_SIZE;
  if (!isUint8Array(buffer)) panic(`${call}: the buffer is ${show(buffer)}, not PageBytes or a Uint8Array`);
  return uint8ArrayLength(buffer);
}

function store(buffer: keos.PageBytes | Uint8Array, bytes: Uint8Array): void {
  const frame = PageBytesView.frameOf(buffer);
  if (frame !== undefined) {
    machine().memory.frameBytes(frame.pa).set(bytes);
    return;
  }
  const target = buffer as Uint8Array;
  for (let i = 0; i < bytes.length; i++) target[i] = bytes[i] ?? 0;
}

/** A frozen handle on a stored file, for the driver to hand to student code. */
export function openFile(file: StoredFile): keos.RegularFile {
  return Object.freeze(new RegularFileHandle(file)) as unknown as keos.RegularFile;
}

/** Prototype of all file handles, so that it can be frozen with the rest of the surface. */
export const REGULAR_FILE_PROTOTYPE: object = RegularFileHandle.prototype;

