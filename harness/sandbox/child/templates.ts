/** What the tags of templates get, where compiled code calls them with plain strings: see `compiler/spell-templates.ts`. */

type Strings = readonly (string | undefined)[];

/** The strings of the template at `site` of the code, by what is written there: the same frozen array each time, as the language has it. */
type Template = (site: string, cooked: Strings, raw: readonly string[]) => Strings;

/** Templates of one submission. */
export function templates(): Template {
  const made = new Map<string, Strings>();
  return (site, cooked, raw) => {
    const known = made.get(site);
    if (known !== undefined) return known;
    const value = Object.freeze([...raw]);
    const strings = Object.freeze(Object.defineProperty([...cooked], 'raw', { value }));
    made.set(site, strings);
    return strings;
  };
}
