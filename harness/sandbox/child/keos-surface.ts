/**
 * The `keos` module as it is handed to student code: the machine's own classes hold helpers for the driver and constructors that take
 * frames, so students get stand-ins with the declared statics only, and every prototype they can reach is frozen.
 */
import {
  Entries,
  EntryView,
  PdeView,
  PdpeView,
  Pml4eView,
  PteView,
  TableView,
} from '../../../reference/emulator/keos/entry.ts';
import { REGULAR_FILE_PROTOTYPE } from '../../../reference/emulator/keos/file.ts';
import { keos } from '../../../reference/emulator/keos/index.ts';
import { PageBytesView } from '../../../reference/emulator/keos/page-bytes.ts';
import { KernelPanic } from '../../../reference/emulator/kernel-panic.ts';

type Constructor = abstract new (...args: never[]) => object;

/** The static side that the contract declares for each class of `keos`. */
const STATICS = {
  Page: ['new', 'fromPa'],
  PageRef: ['fromPa'],
  PageTableRoot: ['KBASE', 'newBoxed', 'newBoxedWithKernelAddr'],
  StaleTLBEntry: ['new'],
} as const;

/** Prototypes of values that student code meets but whose classes have no name in `keos`. */
const NAMELESS: readonly object[] = [
  ...[EntryView, PteView, PdeView, PdpeView, Pml4eView].map(({ prototype }) => prototype),
  ...[TableView, Entries, PageBytesView, KernelPanic].map(({ prototype }) => prototype as object),
  REGULAR_FILE_PROTOTYPE,
];

/** What `require('keos')` gives. Call once, after lockdown. */
export function keosSurface(): object {
  const surface: Record<string, unknown> = { ...keos };
  for (const [name, statics] of Object.entries(STATICS)) {
    surface[name] = standIn(name, surface[name] as Constructor, statics);
  }
  for (const prototype of NAMELESS) {
    Reflect.deleteProperty(prototype, 'constructor');
    harden(prototype);
  }
  return harden(Object.defineProperty(surface, '__esModule', { value: true }));
}

/** A class with the same prototype, so that `instanceof` works, and only `statics` of its own. Constructing it panics as the original does. */
function standIn(name: string, Class: Constructor, statics: readonly string[]): object {
  const stand = function (): object {
    return Reflect.construct(Class as unknown as new () => object, []);
  };
  const { prototype } = Class as unknown as { prototype: object };
  Object.defineProperty(stand, 'name', { value: name });
  Object.defineProperty(stand, 'prototype', { value: prototype, writable: false });
  Object.defineProperty(prototype, 'constructor', { value: stand });
  for (const key of statics) {
    Object.defineProperty(stand, key, {
      value: (Class as unknown as Record<string, unknown>)[key],
      enumerable: true,
    });
  }
  return stand;
}
