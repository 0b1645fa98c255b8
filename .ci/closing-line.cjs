'use strict';

/**
 * Mocha's `spec` reporter, followed by one line for machines: "N passed, N failed", and ", N skipped" if any were.
 */
const { reporters, Runner } = require('mocha');

module.exports = class ClosingLine extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    // Registered after the parent's own listener, so that this is the last line.
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      const skipped = pending > 0 ? `, ${pending} skipped` : '';
      reporters.Base.consoleLog(`${passes} passed, ${failures} failed${skipped}`);
    });
  }
};
