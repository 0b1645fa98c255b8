/** The function that compiled code calls as it runs, so that code that runs for ever is stopped at a line and not at a time. */
export const FUEL = '__faultline_fuel';
/** Property of that function: what a `catch` calls with what it has caught. */
export const PASS_ON = 'passOn';
/** Property of that function: what an async function calls instead of its body. */
export const REFUSE_ASYNC = 'refuseAsync';
/** Property of that function: what makes the strings that the tag of a template gets. */
export const TEMPLATE = 'template';
