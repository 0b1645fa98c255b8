/** What makes a module slow: a pattern that the engine tries in tens of millions of ways, whenever the module is loaded, which is once a program. */
export const SLOW = `\nexport const slow = /(a+)+$/.test('${'a'.repeat(25)}!');\n`;
