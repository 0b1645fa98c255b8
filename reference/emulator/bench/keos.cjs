// The interface under the names that student code imports, for bundles that bring student code and machine together.
module.exports = require('../keos/index.ts').keos;
