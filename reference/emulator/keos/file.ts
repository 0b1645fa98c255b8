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
  #open = true;

  constructor(file: StoredFile) {
    this.#file = file;
    machine().files.opened(file);
    // Student code is handed the handle: nobody may put other methods in place of these.
    Object.freeze(this);
  }

  /** Closes a handle. For the driver. */
  static close(handle: keos.RegularFile): void {
    if (!(#file in handle)) throw new TypeError('this is no handle on a file');
    handle.#check('close');
    handle.#open = false;
    machine().files.closed(handle.#file);
  }

  ino(): bigint {
    machine().enter();
    const { ino } = this.#check('ino');
    machine().leave();
    return BigInt(ino);
  }

  size(): bigint {
    machine().enter();
    const { size } = this.#check('size');
    machine().leave();
    return BigInt(size);
  }

  mmap(block: keos.FileBlockNumber): keos.Page {
    machine().enter();
    const file = this.#check('mmap');
    const number = Number(u64('RegularFile.mmap', 'the block', block));
    const kernel = machine();
    kernel.noteFileRead(file.ino, number * PAGE_SIZE);
    if (kernel.faults.strikes('mmap')) raise(KernelError.IOError);
    const page = Page.adopt(file.cached ? cachedBlock(file, number) : freshBlock(file, number));
    kernel.leave();
    return page;
  }

  read(position: bigint, buffer: keos.PageBytes | Uint8Array): number {
    machine().enter();
    const file = this.#check('read');
    const kernel = machine();
    const at = Number(u64('RegularFile.read', 'the position', position));
    const frame = PageBytesView.frameOf('RegularFile.read', buffer);
    const length = bufferLength('RegularFile.read', frame, buffer);
    kernel.noteFileRead(file.ino, at);
    if (kernel.faults.strikes('read')) raise(KernelError.IOError);
    if (length > 0 && file.failsAt(at)) unreadable('read');
    const bytes = new Uint8Array(length);
    const count = file.read(at, bytes);
    if (frame !== undefined) kernel.memory.frameBytes(frame.pa).set(bytes.subarray(0, count));
    else for (let i = 0; i < count; i++) (buffer as Uint8Array)[i] = bytes[i] ?? 0;
    kernel.leave();
    return count;
  }

  write(position: bigint, buffer: keos.PageBytes | Uint8Array): number {
    machine().enter();
    const file = this.#check('write');
    const at = u64('RegularFile.write', 'the position', position);
    const frame = PageBytesView.frameOf('RegularFile.write', buffer);
    const bytes = new Uint8Array(bufferLength('RegularFile.write', frame, buffer));
    if (frame !== undefined) bytes.set(machine().memory.frameBytes(frame.pa));
    else for (let i = 0; i < bytes.length; i++) bytes[i] = (buffer as Uint8Array)[i] ?? 0;
    const count = at > BigInt(file.size) ? 0 : file.write(Number(at), bytes);
    updateCache(file, Number(at), count);
    machine().leave();
    return count;
  }

  #check(call: string): StoredFile {
    if (!this.#open)
      panic(`RegularFile.${call}: this handle on file ${String(this.#file.ino)} was closed before`);
    return this.#file;
  }
}

function unreadable(point: 'read' | 'mmap'): never {
  machine().faults.failed(point);
  raise(KernelError.IOError);
}

/** A new frame with the contents of a block; its one reference is the caller's. */
function freshBlock(file: StoredFile, block: number): Frame {
  if (file.failsAt(block * PAGE_SIZE)) unreadable('mmap');
  const frame = machine().allocate(true);
  if (frame === null) raise(KernelError.NoMemory);
  file.readBlock(block, machine().memory.frameBytes(frame.pa));
  return frame;
}

/** The frame that all users of a block share, with one more reference. */
function cachedBlock(file: StoredFile, block: number): Frame {
  const { pageCache } = machine();
  let frame = pageCache.get(file.ino, block);
  if (frame === undefined) {
    frame = freshBlock(file, block);
    pageCache.keep(file.ino, block, frame);
  }
  machine().share(frame);
  return frame;
}

/** What was written to a file shows in its cached pages, wherever they are mapped. */
function updateCache(file: StoredFile, position: number, count: number): void {
  const { pageCache, memory } = machine();
  if (!file.cached || count === 0) return;
  const last = Math.floor((position + count - 1) / PAGE_SIZE);
  for (let block = Math.floor(position / PAGE_SIZE); block <= last; block++) {
    const frame = pageCache.get(file.ino, block);
    if (frame !== undefined) file.readBlock(block, memory.frameBytes(frame.pa));
  }
}

function bufferLength(call: string, frame: Frame | undefined, buffer: unknown): number {
  if (frame !== undefined) return PAGE_SIZE;
  if (!isUint8Array(buffer))
    panic(`${call}: the buffer is ${show(buffer)}, not PageBytes or a Uint8Array`);
  return uint8ArrayLength(buffer);
}

/** A frozen handle on a stored file of the machine in use, for the driver to hand to student code. */
export function openFile(file: StoredFile): keos.RegularFile {
  return new RegularFileHandle(file) as unknown as keos.RegularFile;
}

/**
 * Closes a handle that {@link openFile} gave: any use after that panics and says so. Student code cannot close files; a file that has neither name
 * nor handle any more is gone.
 */
export function closeFile(handle: keos.RegularFile): void {
  RegularFileHandle.close(handle);
}

/** Prototype of all file handles, so that it can be frozen with the rest of the surface. */
export const REGULAR_FILE_PROTOTYPE: object = RegularFileHandle.prototype;
