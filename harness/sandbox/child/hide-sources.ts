/**
 * Imported before `ses`: makes every function look native, so that no code in this process can read the text of another module.
 */
const { getOwnPropertyDescriptor } = Object;

const hidden = {
  toString(this: unknown): string {
    if (typeof this !== 'function') throw new TypeError('Function.prototype.toString requires that \'this\' be a Function');
    const name: unknown = getOwnPropertyDescriptor(this, 'name')?.value;
    return `function ${typeof name === 'string' ? name : ''}() { [native code] }`;
  },
};

Object.defineProperty(Function.prototype, 'toString', {
  value: hidden.toString,
  writable: true,
  enumerable: false,
  configurable: true,
});
