/** An event of a machine as one line of text. */
import { callName } from '../contract/injection.ts';
import { describePageFault } from '../x86/access.ts';
import { hex } from '../x86/address.ts';
import { ENTRY_NAME } from '../x86/page-table-entry.ts';
import { sizeText } from './decoded-entry.ts';
import type { MachineEvent } from './events.ts';

/** One line, without the end of it: `CPU 0: page fault at 0x1000: user write, page not present`. Operations count from 1, as in reports. */
export function eventText(event: MachineEvent): string {
  switch (event.kind) {
    case 'operation':
      return event.index < 0 ? 'no operation' : `operation ${event.index + 1}`;
    case 'runs-on':
      return `execution moves to CPU ${event.cpu}`;
    case 'injected': {
      const call = callName(event.point, event.nth, event.op + 1);
      return `${call} fails${event.armed ? ' on purpose' : ', as it always does'}`;
    }
    case 'frame-taken':
      return `frame ${hex(event.frame)} taken`;
    case 'frame-shared':
      return `frame ${hex(event.frame)} shared: ${count(event.references, 'reference')}`;
    case 'frame-released': {
      const { frame, references } = event;
      const left = references === 0 ? 'free' : `${count(references, 'reference')} left`;
      return `frame ${hex(frame)} released: ${left}`;
    }
    case 'root-made':
      return `page table ${hex(event.root)} made`;
    case 'root-dropped':
      return `page table ${hex(event.root)} dropped`;
    case 'entry-stored': {
      const { level, at, before, word } = event;
      return `${ENTRY_NAME[level]} at ${hex(at)} stored: ${hex(before)} -> ${hex(word)}`;
    }
    case 'flags-set': {
      const { cpu, level, at, accessed, dirty } = event;
      const flags = [accessed ? 'A' : '', dirty ? 'D' : ''].filter((flag) => flag !== '');
      return `CPU ${cpu}: sets ${flags.join(' and ')} in the ${ENTRY_NAME[level]} at ${hex(at)}`;
    }
    case 'cr3-loaded': {
      const { cpu, root, pcid } = event;
      return `CPU ${cpu}: CR3 = ${hex(root)}${pcid === 0 ? '' : `, PCID ${pcid}`}`;
    }
    case 'controls-set': {
      const { maxPhyAddr, ...switches } = event.controls;
      const on = Object.entries(switches).filter(([, value]) => value);
      const names = on.map(([name]) => name.toUpperCase());
      const what = names.length === 0 ? 'none' : names.join(' ');
      return `CPU ${event.cpu}: controls set: ${what}; MAXPHYADDR ${maxPhyAddr}`;
    }
    case 'tlb-filled': {
      const { cpu, linear, base, span } = event;
      return `CPU ${cpu}: TLB takes ${hex(linear)} -> ${hex(base)}, ${sizeText(span)}`;
    }
    case 'stale-hit':
      return `CPU ${event.cpu}: STALE translation used at ${hex(event.linear)}`;
    case 'page-fault': {
      const { cpu, linear, code } = event;
      return `CPU ${cpu}: page fault at ${hex(linear)}: ${describePageFault(code)}`;
    }
    case 'invalidated': {
      const { cpu, linear, pcid } = event;
      const context = pcid === null || pcid === 0 ? '' : ` of PCID ${pcid}`;
      return `CPU ${cpu}: invalidates ${whatText(linear)}${context}`;
    }
    case 'interrupt-sent':
      return `CPU ${event.from}: asks CPU ${event.to} to invalidate ${whatText(event.linear)}`;
    case 'interrupt-handled':
      return `CPU ${event.to}: has invalidated ${whatText(event.linear)} for CPU ${event.from}`;
    case 'file-read':
      return `file ${event.ino} read from ${hex(event.position)}`;
  }
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

function whatText(linear: number | null): string {
  return linear === null ? 'everything' : hex(linear);
}
