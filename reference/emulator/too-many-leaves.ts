/** More is present in an address space than the audit was told to look at. */
export class TooManyLeaves extends Error {
  override readonly name = 'TooManyLeaves';
}
