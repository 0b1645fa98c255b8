/** Looking at an object of student code without running any of it. */
const { getOwnPropertyDescriptor } = Object;

/** An own data property that holds a string, cut to `most` characters; `undefined` for anything else. */
export function ownText(object: object, key: string, most: number): string | undefined {
  const value: unknown = getOwnPropertyDescriptor(object, key)?.value;
  return typeof value === 'string' ? value.slice(0, most) : undefined;
}
