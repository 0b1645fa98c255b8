import { basename, resolve } from 'node:path';
import { withoutArchiveEnding } from './archive-name.ts';

const LONGEST = 60;
/** Names Windows keeps for devices, whatever follows the first dot. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;
/** Files about all submissions, which lie beside a folder for each. */
const ABOUT_ALL = /^(?:summary\.(?=(csv|json)$)|submitters\.(?=json$))/iu;

/**
 * A name for the submission at `path`, from its folder or archive: fit for file names, reports, spreadsheets and command lines on
 * every system. Letters of all scripts stay. Two paths may get the same name; `expandSources` makes names unique.
 */
export function submissionId(path: string): string {
  const name = withoutArchiveEnding(basename(resolve(path)))
    .normalize('NFC')
    .replace(/[\p{C}\p{Z}\s/\\<>:"|?*'`$&;!#%^(){}[\]~,]+/gu, '_')
    .replace(/^[-._=+@]+/, '');
  // Whole characters: a pair of surrogates is not cut.
  const short = new RegExp(`^.{0,${LONGEST}}`, 'su').exec(name)![0].replace(/[._]+$/, '');
  return (
    short
      .replace(DEVICE, '$1_')
      .replace(ABOUT_ALL, (name) => `${name.slice(0, -1).toLowerCase()}_`) || 'submission'
  );
}
