/** Judges what the driver sees in the frames that it holds, and what became of them. */
import { hex } from '../../reference/x86/address.ts';
import type { ManagerOp } from '../protocol/program.ts';
import type { FreedFrame, Step } from '../protocol/trace.ts';
import { type Findings, noted, NOTHING } from './findings.ts';
import { pageOf } from './lazy-mapping-model.ts';
import type { ManagerModel } from './manager-model.ts';
import { RULE, type RuleId } from './manager-rules.ts';
import type { Mismatch } from './mismatch.ts';
import type { ModelFrame } from './model-frame.ts';
import { byteText } from './words.ts';

type Op<K extends ManagerOp['op']> = Extract<ManagerOp, { op: K }>;

/** Judges the bytes seen in a frame; from then on nobody can say what a frame holds that was wrong. */
export function judgeReadFrame(
  model: ManagerModel,
  op: Op<'read-frame'>,
  { outcome }: Step,
): Findings {
  const frame = model.frames.get(op.frame);
  if (frame === undefined || frame.contents === null || outcome.kind !== 'ok') return NOTHING;
  let at = op.at;
  for (const [byte, count] of outcome.bytes ?? []) {
    for (const end = at + count; at < end; at++) {
      if (frame.contents.sees(at, byte)) {
        frame.seen[at] = 1;
        continue;
      }
      const mismatch = wrongByte(model, frame, at, byte, frame.contents.expected(at));
      frame.contents = null;
      return noted(mismatch);
    }
  }
  return NOTHING;
}

function wrongByte(
  model: ManagerModel,
  frame: ModelFrame,
  at: number,
  byte: number,
  wanted: number,
): Mismatch {
  const rule = contentRule(model, frame, at);
  return {
    rule,
    // Who reads another block shows what is wrong past the end, too.
    ...(rule === RULE.pastEnd ? { perhaps: [RULE.file] } : {}),
    summary: SUMMARIES[rule] ?? 'a frame that was handed out has changed',
    expected: `byte ${byteText(wanted)} at offset ${hex(at)}`,
    observed: `byte ${byteText(byte)} at offset ${hex(at)} of frame ${hex(frame.number)}`,
  };
}

const SUMMARIES: Partial<Record<RuleId, string>> = {
  [RULE.sharers]: 'the frame that others share has changed',
  [RULE.zeros]: 'a page of anonymous memory is not zero',
  [RULE.file]: 'a page of a file does not show the file',
  [RULE.pastEnd]: 'a page of a file is not zero past the end of the file',
  [RULE.copy]: 'the private copy does not hold what the shared frame held',
  [RULE.again]: 'the private copy is not one of the frame that was marked last',
};

function contentRule(model: ManagerModel, frame: ModelFrame, at: number): RuleId {
  if (wasRight(frame, at)) return frame.wasCopied ? model.blame('copy', RULE.sharers) : RULE.frames;
  const { origin } = frame;
  switch (origin.kind) {
    case 'driver':
      return RULE.frames;
    case 'copy':
      return wasRight(origin.of, at)
        ? model.blame('copy', origin.rule)
        : contentRule(model, origin.of, at);
    case 'page': {
      const { mapping, page } = origin;
      if (mapping.file === null) return RULE.zeros;
      return model.blame('file', mapping.isPastEnd(page, at) ? RULE.pastEnd : RULE.file);
    }
  }
}

/** Whether byte `at` was right at some time: the driver has put it there, or seen it. */
function wasRight({ origin, seen }: ModelFrame, at: number): boolean {
  return origin.kind === 'driver' || seen[at] === 1;
}

/** Which of the frames that student code has freed in operation `op` it had no right to free; the model follows. */
export function judgeFreed(
  model: ManagerModel,
  op: ManagerOp,
  freed: readonly FreedFrame[],
): readonly Mismatch[] {
  const entry =
    op.op === 'cow-fault'
      ? model.manager(op.manager)?.entries.get(pageOf(BigInt(op.va)))
      : undefined;
  return freed.flatMap(({ frame: number }) => {
    // What becomes of the shared frame itself, the judge of the fault has looked at.
    if (number === entry?.frame.number) return [];
    const frame = model.liveFrame(number);
    if (frame === undefined) return [];
    frame.isFree = true;
    const rule = entry?.formerFrames.includes(frame) === true ? RULE.again : RULE.frames;
    return {
      rule: op.op === 'release-cow' ? RULE.counting : rule,
      summary: `the call freed frame ${hex(number)}, which is its caller's`,
      expected: 'a call frees only what it has taken itself',
      observed: `frame ${hex(number)} is free`,
    };
  });
}
