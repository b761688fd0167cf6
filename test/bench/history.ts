import { measureHistory } from './history/measure.ts';

/**
 *     npm run bench:history             a million calls: some minutes, and 6 GB of temporary files
 *     npm run bench:history -- short    a fiftieth of them
 *
 * Exits with 1 when a promise is not kept.
 */
process.exitCode = (await measureHistory(process.argv[2] === 'short' ? 'short' : 'whole')) ? 0 : 1;
