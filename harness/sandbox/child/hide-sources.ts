/**
 * Imported before `ses`: makes every function look native, so that no code in this process can read the text of another module.
 */
const { getOwnPropertyDescriptor } = Object;

const replacement = {
  toString(this: unknown): string {
    if (typeof this !== 'function') throw new TypeError('toString needs a function');
    const name: unknown = getOwnPropertyDescriptor(this, 'name')?.value;
    return `function ${typeof name === 'string' ? name : ''}() { [native code] }`;
  },
};

Object.defineProperty(Function.prototype, 'toString', {
  ...getOwnPropertyDescriptor(replacement, 'toString'),
  enumerable: false,
});
