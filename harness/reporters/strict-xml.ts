/**
 * A strict reader of the XML that `junit-xml.ts` writes, for its tests: elements, attributes, text, the five named entities. Anything
 * that XML 1.0 forbids, and anything else that a report has no use for, is an error. (The parser that comes with xmlbuilder2
 * forgives unclosed elements, `]]>` in text, and control characters.)
 */

/** An element with its text and children. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  text: string;
}

const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;
const TOKEN = /<\/([\w-]+)>|<([\w-]+)((?:\s+[\w-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/uy;
const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
};

/** The root element; throws if the text is not well-formed. */
export function parseXml(text: string): XmlElement {
  const bad = FORBIDDEN.exec(text);
  if (bad !== null) throw new Error(`forbidden character at ${bad.index}`);
  const prolog = /^<\?xml version="1\.0" encoding="UTF-8"\?>\s*/u.exec(text);
  if (prolog === null) throw new Error('no XML declaration');

  const document: XmlElement = { name: '', attributes: new Map(), children: [], text: '' };
  const open = [document];
  TOKEN.lastIndex = prolog[0].length;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new Error(`not XML at ${at}: ${text.slice(at, at + 40)}`);
    const [, closed, opened, attributes = '', empty, characters] = match;
    const top = open.at(-1)!;
    if (closed !== undefined) {
      if (open.length === 1 || open.pop()!.name !== closed) throw new Error(`stray </${closed}>`);
    } else if (opened !== undefined) {
      const element = {
        name: opened,
        attributes: readAttributes(attributes),
        children: [],
        text: '',
      };
      top.children.push(element);
      if (empty === '') open.push(element);
    } else {
      if (characters!.includes(']]>')) throw new Error(']]> in text');
      top.text += unescaped(characters!);
    }
  }
  if (open.length > 1) throw new Error(`<${open.at(-1)!.name}> is not closed`);
  if (document.children.length !== 1 || document.text.trim() !== '') {
    throw new Error('not exactly one root element');
  }
  return document.children[0]!;
}

/** Children with this name. */
export function childrenOf(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.filter((child) => child.name === name);
}

/** Value of an attribute; empty if it has none. */
export function attribute(element: XmlElement, name: string): string {
  return element.attributes.get(name) ?? '';
}

/** The element's own text. */
export function textOf(element: XmlElement): string {
  return element.text;
}

function readAttributes(text: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name, value] of text.matchAll(/([\w-]+)="([^"]*)"/gu)) {
    if (attributes.has(name!)) throw new Error(`attribute ${name!} twice`);
    attributes.set(name!, unescaped(value!));
  }
  return attributes;
}

function unescaped(text: string): string {
  return text.replace(
    /&(?:(\w+);|#(?:x([\dA-Fa-f]+)|(\d+));)?/gu,
    (whole, name?: string, hex?: string, decimal?: string) => {
      if (name !== undefined && name in ENTITIES) return ENTITIES[name]!;
      const code = hex === undefined ? Number(decimal ?? NaN) : parseInt(hex, 16);
      const character = Number.isNaN(code) ? '' : String.fromCodePoint(code);
      if (character === '' || FORBIDDEN.test(character)) throw new Error(`bad reference ${whole}`);
      return character;
    },
  );
}
