/**
 * What any correct demand-paging manager knows, and what the frames hold that its caller was given. Written from the rules; shares no behaviour with the
 * machine or the model manager. Where the rules leave freedom the model is in doubt, and says so.
 */
import { GLOBAL_MANAGER } from '../protocol/manager-op.ts';
import type { ModelFile } from './model-region.ts';
import { CowEntryModel, type MarkedBy } from './cow-entry-model.ts';
import { type LazyMappingModel, pageOf } from './lazy-mapping-model.ts';
import { RULE, type RuleId } from './manager-rules.ts';
import type { FrameOrigin, ModelFrame } from './model-frame.ts';
import type { PageContents } from './page-contents.ts';
import { type Excused, excusedBy } from './verdict.ts';

/**
 * Kinds of mistakes that a manager makes everywhere if it makes them once: in counting references, in knowing entries, in copying, in pages of files, in
 * answers where nothing is mapped (by what is answered instead), and in answers to a second fault.
 */
export type Topic = 'count' | 'entry' | 'copy' | 'file' | `unmapped: ${string}` | 'second fault';

/** Rules about one special case: who breaks such a rule makes no mistake of the kind elsewhere. */
const SPECIAL: readonly RuleId[] = [
  ...[RULE.again, RULE.ranges, RULE.noMemory, RULE.init, RULE.global, RULE.apart],
  RULE.pastEnd,
];

export class ModelManager {
  /** Mappings that nothing else lies on. */
  mappings: LazyMappingModel[] = [];
  /** Mappings that were registered on top of one another: the rules do not say which of them counts. */
  readonly disputed: LazyMappingModel[] = [];
  /** Mappings that were unregistered. */
  readonly former: LazyMappingModel[] = [];
  /** By page address. */
  readonly entries = new Map<bigint, CowEntryModel>();
  /** Pages that the manager was seen to know, by an answer or by a fault, with nothing marked since. */
  readonly known = new Set<bigint>();
  /** Pages of whose entry the rules do not say what it is. */
  readonly #openPages = new Set<bigint>();

  register(mapping: LazyMappingModel): void {
    const rivals = this.mappings.filter((other) => other.meets(mapping));
    const isDisputed = rivals.length > 0 || this.disputed.some((other) => other.meets(mapping));
    this.mappings = this.mappings.filter((other) => !rivals.includes(other));
    this.disputed.push(...rivals);
    (isDisputed ? this.disputed : this.mappings).push(mapping);
  }

  unregister(start: bigint): void {
    const mapping = this.mappings.find((each) => each.start === start);
    if (mapping !== undefined) {
      this.mappings = this.mappings.filter((each) => each !== mapping);
      this.former.push(mapping);
      return;
    }
    for (const each of this.mappings) if (each.covers(start)) each.wasAskedToGo = true;
  }

  /** From now on nothing is said about what is mapped where `mapping` is. */
  dispute(mapping: LazyMappingModel): void {
    this.mappings = this.mappings.filter((each) => each !== mapping);
    this.disputed.push(mapping);
  }

  /** The mapping that covers the page of `address`; `disputed` if the rules do not say which. */
  mappingAt(address: bigint): LazyMappingModel | 'disputed' | null {
    if (this.disputed.some((each) => each.covers(address))) return 'disputed';
    return this.mappings.find((each) => each.covers(address)) ?? null;
  }

  mark(address: bigint, frame: ModelFrame, by: MarkedBy): void {
    const page = pageOf(address);
    this.known.clear();
    // An address inside a page may be taken as it is, or for its page.
    if (page !== address) this.leaveOpen(page);
    else this.entries.set(page, new CowEntryModel(frame, by, this.entries.get(page)));
  }

  /** From now on nothing is said about the entry of this page. */
  leaveOpen(page: bigint): void {
    this.#openPages.add(page);
  }

  isOpen(page: bigint): boolean {
    return this.#openPages.has(page);
  }
}

export class ManagerModel {
  readonly files = new Map<string, ModelFile>();
  /** By label. */
  readonly frames = new Map<string, ModelFrame>();
  readonly #managers = new Map<string, ModelManager>();
  /** What the global managers were before `init` made new ones. */
  readonly formerGlobals: ModelManager[] = [];
  readonly #blamed = new Map<Topic, RuleId>();
  /** Rules that are not charged for what seems to break them, because another one may be the cause. */
  readonly excused: Excused[] = [];

  /** The rule that a mistake breaks: `rule`, unless there was a {@link blame} of its kind before, which then is the cause. */
  blamed(topic: Topic, rule: RuleId): RuleId {
    const cause = this.#blamed.get(topic) ?? rule;
    this.excused.push(...excusedBy(cause, [rule]));
    return cause;
  }

  /** As {@link blamed}; the mistakes of its kind after it have the same cause, unless it is about a special case. */
  blame(topic: Topic, rule: RuleId): RuleId {
    const cause = this.blamed(topic, rule);
    if (!SPECIAL.includes(cause)) this.#blamed.set(topic, cause);
    return cause;
  }

  /** The manager with this label, or `null`: the global one before `init`. */
  manager(label: string): ModelManager | null {
    return this.#managers.get(label) ?? null;
  }

  /** The manager with this label, made if it was not there. */
  managerMade(label: string): ModelManager {
    const known = this.#managers.get(label);
    if (known !== undefined) return known;
    const made = new ModelManager();
    this.#managers.set(label, made);
    return made;
  }

  /** `init()`. */
  initGlobal(): void {
    const old = this.#managers.get(GLOBAL_MANAGER);
    if (old !== undefined) this.formerGlobals.push(old);
    this.#managers.set(GLOBAL_MANAGER, new ModelManager());
  }

  /** All managers but one. */
  others(label: string): readonly ModelManager[] {
    return [...this.#managers].filter(([other]) => other !== label).map(([, manager]) => manager);
  }

  /** A file got a new size or new contents: mappings remember what they could have seen. */
  changeFile(file: ModelFile, change: Partial<ModelFile['current']>): void {
    file.current = { ...file.current, ...change };
    for (const { mappings } of this.#managers.values()) {
      for (const mapping of mappings)
        if (mapping.file === file) mapping.versions.push(file.current);
    }
  }

  /** The frame with this number that the driver holds and that is not free. */
  liveFrame(number: number): ModelFrame | undefined {
    for (const frame of this.frames.values())
      if (frame.number === number && !frame.isFree) return frame;
    return undefined;
  }

  /** The driver holds a frame from now on. If it does already, it has another label for it. */
  keep(label: string, number: number, origin: FrameOrigin, contents: PageContents | null): void {
    const known = this.liveFrame(number);
    const seen = new Uint8Array(4096);
    const made = { number, origin, contents, isFree: false, wasCopied: false, seen };
    this.frames.set(label, known ?? made);
  }
}
