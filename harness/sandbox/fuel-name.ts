/** The function that compiled code calls as it runs, so that code that runs for ever is stopped at a line and not at a time. */
export const FUEL = '__faultline_fuel';
