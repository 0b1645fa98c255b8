/**
 * What an attack is: plain data, one of a corpus. Each says what it is after; whether it got that is measured by what plays it, never declared here.
 */
import type { CompiledModules } from '../sandbox/compiled-module.ts';
import type { Program } from '../protocol/program.ts';

interface Described {
  /** Words with hyphens, unique in the corpus. */
  readonly id: string;
  /** What sort of attack: the name of the part of the corpus that it is in. */
  readonly kind: string;
  /** What it is after, in one sentence. */
  readonly after: string;
}

/**
 * Emitted code that goes straight into the child, past the refusals of the compiler: what is tested is the walls of the running process alone.
 * Its own checks print `PWN` when it has obtained what it was after.
 */
export interface RunningAttack extends Described {
  readonly from: 'running';
  /** `canaries`: what can be stolen, written and contacted. */
  readonly modules: (canaries: CanaryPlaces) => CompiledModules;
  readonly program: Program;
  /** Set if two runs of it are not alike by nature. */
  readonly steady?: false;
}

/** Plain Node code under the command line of the child and without its frozen realm: an attacker who has escaped from there. */
export interface EscapedAttack extends Described {
  readonly from: 'escaped';
  /** A script; what it prints to standard error is what was seen. */
  readonly script: (canaries: CanaryPlaces) => string;
  /** Set if only a sandbox of the operating system can stop it: without one it is not played. */
  readonly needsSandbox?: true;
}

/** TypeScript that is handed in and must not compile, or must not make the compiler tell or take more than it should. */
export interface CompiledAttack extends Described {
  readonly from: 'source';
  readonly files: (canaries: CanaryPlaces) => Readonly<Record<string, string>>;
}

/** A submission with a trick, and its honest twin: the same submission without. The trick must be worth nothing. */
export interface CheatingAttack extends Described {
  readonly from: 'cheat';
  /** Assignments that both are graded for. */
  readonly assignments: readonly string[];
  /** Checks or rules to be graded by; default: all. */
  readonly only?: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  readonly twin: Readonly<Record<string, string>>;
}

/** Text in a submission that is to do harm where reports are read, and the reports of a whole run of the command. */
export interface ReportedAttack extends Described {
  readonly from: 'report';
  /** Name of its folder. */
  readonly folder: string;
  readonly files: Readonly<Record<string, string>>;
  /** Text that shows that what was planted has come through to a report: without it nothing would be tested. */
  readonly arrives: string;
}

/** A zip file, or a folder that `write` makes, handed to the intake. */
export interface ArchiveAttack extends Described {
  readonly from: 'archive';
  /** Bytes of a zip file, or a maker of a folder at `path`. */
  readonly source: (canaries: CanaryPlaces) => Buffer | ((path: string) => void);
}

export type Attack =
  RunningAttack | EscapedAttack | CompiledAttack | CheatingAttack | ReportedAttack | ArchiveAttack;

/** Where the canaries are; see `canaries.ts`. */
export interface CanaryPlaces {
  /** A file that holds a secret. */
  readonly secretFile: string;
  /** A file that must not come to be. */
  readonly droppedFile: string;
  /** A port on this machine that must not be contacted. */
  readonly port: number;
}
