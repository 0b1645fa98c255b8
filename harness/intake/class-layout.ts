import type { ListedFile } from './listed-file.ts';
import type { Submitter } from './submitter.ts';

/** Where a path of a class belongs. */
export interface Place {
  /** The key of the submission it is a part of. */
  readonly member: string;
  /** The path there; `''` for the submission's own folder. */
  readonly path: string;
}

/** What a layout knows of a submission but its files. */
export interface MemberInfo {
  /** What its id is made of. */
  readonly name: string;
  /** Its name below the class's folder: for people, and to find it again. */
  readonly at: string;
  readonly submitters: readonly Submitter[];
  /** Sentences for the student and the grader. */
  readonly notes: readonly string[];
}

/** How a platform, or a person, lays out the submissions of a class in a folder. */
export interface ClassLayout {
  /** Where a path below the class's folder belongs; null if to no submission. */
  place(path: string): Place | null;
  info(member: string): MemberInfo;
  /** Submissions that have to be there, whether or not there are files of them. */
  readonly expected: readonly string[];
  /** What is wrong with the class as a whole: sentences. */
  readonly troubles: readonly string[];
  /** Whether what belongs to no submission is worth a word. */
  readonly isStrict: boolean;
  /** Attempts that a newer one stands for, by key: the key of that. */
  readonly superseded: ReadonlyMap<string, string>;
  /** Gives files the names they were handed in with. */
  rename?(files: readonly ListedFile[]): Promise<Renamed>;
}

/** Files under the names they were handed in with. */
export interface Renamed {
  readonly files: readonly ListedFile[];
  readonly notes: readonly string[];
}

/** One level of a class: the paths of files and folders, from there. */
export interface Level {
  readonly files: readonly ListedFile[];
  readonly folders: readonly string[];
}

/** A path as its first step and the rest. */
export function split(path: string): readonly [first: string, rest: string] {
  const slash = path.indexOf('/');
  return slash === -1 ? [path, ''] : [path.slice(0, slash), path.slice(slash + 1)];
}

/** Names right below a level: of folders and of files. */
export function firstSteps({ files, folders }: Level): {
  readonly folders: ReadonlySet<string>;
  readonly files: ReadonlySet<string>;
} {
  const paths = files.map(({ path }) => path);
  return {
    folders: new Set(
      [...folders, ...paths.filter((path) => path.includes('/'))].map((path) => split(path)[0]),
    ),
    files: new Set(paths.filter((path) => !path.includes('/'))),
  };
}

/** A platform's list of submissions, or a person's: not a stranger among them, but nobody's either. */
export function isList(path: string): boolean {
  return /\.(ya?ml|csv|html?|txt|md|json)$/iu.test(path);
}
