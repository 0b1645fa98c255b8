/** From the raw stack text of the child to places in the student's files. */
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import type { SourceMaps } from './compiled-module.ts';
import type { SourcePlace } from './compile-problem.ts';
import { FIRST_LINE_SHIFT, framePosition } from './module-text.ts';

export class StackMapper {
  readonly #maps: SourceMaps;
  readonly #parsed = new Map<string, TraceMap | null>();

  /** `maps`: the source maps of the submission's files, as compiled. */
  constructor(maps: SourceMaps) {
    this.#maps = maps;
  }

  /** The student's places in a raw stack, innermost first; everything that is not the student's is left out. */
  locations(stack: string): SourcePlace[] {
    const places: SourcePlace[] = [];
    for (const line of stack.split('\n')) {
      const place = this.#place(line);
      if (place !== null) places.push(place);
    }
    return places;
  }

  #place(text: string): SourcePlace | null {
    const frame = framePosition(text);
    const map = frame === null ? null : this.#map(frame.path);
    if (frame === null || map === null) return null;
    const column = Math.max(0, frame.column - 1 - (frame.line === 1 ? FIRST_LINE_SHIFT : 0));
    const { line, column: original } = originalPositionFor(map, { line: frame.line, column });
    // Code the compiler added (a helper) comes from no line of the student.
    return line === null ? null : { file: frame.path, line, column: original + 1 };
  }

  #map(path: string): TraceMap | null {
    let map = this.#parsed.get(path);
    if (map === undefined) {
      const text = Object.hasOwn(this.#maps, path) ? this.#maps[path] : undefined;
      map = text === undefined ? null : new TraceMap(text);
      this.#parsed.set(path, map);
    }
    return map;
  }
}
