/** Argument that asks the compiler's program for the code of TypeScript, instead of waiting for submissions. */
export const MAKE_CODE = '--make-code';
