/** The errors of `keos`: frozen values, recognised by identity. */
import type * as keos from '../../contract/keos.ts';
import { machine } from './active-machine.ts';

type MappingErrors = typeof keos.PageTableMappingError;
type KernelErrors = typeof keos.KernelError;

function mappingError(name: string): keos.PageTableMappingError {
  const error = { name, toString: () => `PageTableMappingError.${name}` };
  return Object.freeze(error) as unknown as keos.PageTableMappingError;
}

function kernelError(name: string, errno: number): keos.KernelError {
  const error = { name, errno, toString: () => `KernelError.${name}` };
  return Object.freeze(error) as unknown as keos.KernelError;
}

export const PageTableMappingError: MappingErrors = Object.freeze({
  Unaligned: mappingError('Unaligned'),
  NotExist: mappingError('NotExist'),
  Duplicated: mappingError('Duplicated'),
  InvalidPermission: mappingError('InvalidPermission'),
});

export const KernelError: KernelErrors = Object.freeze({
  OperationNotPermitted: kernelError('OperationNotPermitted', -1),
  NoSuchEntry: kernelError('NoSuchEntry', -2),
  IOError: kernelError('IOError', -5),
  NoExec: kernelError('NoExec', -8),
  BadFileDescriptor: kernelError('BadFileDescriptor', -9),
  NoMemory: kernelError('NoMemory', -12),
  InvalidAccess: kernelError('InvalidAccess', -13),
  BadAddress: kernelError('BadAddress', -14),
  Busy: kernelError('Busy', -16),
  FileExist: kernelError('FileExist', -17),
  NotDirectory: kernelError('NotDirectory', -20),
  IsDirectory: kernelError('IsDirectory', -21),
  InvalidArgument: kernelError('InvalidArgument', -22),
  TooManyOpenFile: kernelError('TooManyOpenFile', -24),
  NoSpace: kernelError('NoSpace', -28),
  BrokenPipe: kernelError('BrokenPipe', -32),
  NameTooLong: kernelError('NameTooLong', -36),
  NoSuchSyscall: kernelError('NoSuchSyscall', -38),
  DirectoryNotEmpty: kernelError('DirectoryNotEmpty', -39),
  FilesystemCorrupted: kernelError('FilesystemCorrupted', -117),
  NotSupportedOperation: kernelError('NotSupportedOperation', -524),
});

const NAMES = new Map<unknown, string>([
  ...Object.entries(PageTableMappingError).map(
    ([name, e]) => [e, `PageTableMappingError.${name}`] as const,
  ),
  ...Object.entries(KernelError).map(([name, e]) => [e, `KernelError.${name}`] as const),
]);

/** The full name of one of the errors above, or `undefined` for any other value. */
export function errorName(error: unknown): string | undefined {
  return NAMES.get(error);
}

/** See `attempt` in the contract. */
export function attempt<T>(f: () => T): keos.Result<T> {
  try {
    return { ok: true, value: f() };
  } catch (error) {
    if (machine().stop === null && NAMES.has(error)) {
      return { ok: false, error: error as keos.PageTableMappingError | keos.KernelError };
    }
    throw error;
  }
}

/** See `todo` in the contract. */
export function todo(what: string): never {
  return machine().halt(
    'todo',
    `not implemented: ${typeof what === 'string' ? what.slice(0, 120) : '?'}`,
  );
}
