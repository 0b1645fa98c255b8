/** Declarations of the globals that exist in the sandbox and are no part of the language. */
export const AMBIENT_DECLARATIONS = `
interface Console {
  log(...values: unknown[]): void;
  info(...values: unknown[]): void;
  warn(...values: unknown[]): void;
  error(...values: unknown[]): void;
  debug(...values: unknown[]): void;
}
declare const console: Console;
`;
