/**
 * Where student code is: noted at once, written down only for whoever asks. Code that calls the machine from deep in a recursion notes thousands of places, of
 * which hardly one is asked for, and writing one costs far more than noting it.
 */
import type { Site } from '../contract/machine-facts.ts';

/** An error that nobody throws: the engine keeps the stack with it, and puts it into words when that is read. `null`: nobody records sites. */
export type Place = Error | null;

/** The raw stack at a place, or the empty string. */
export function siteOf(place: Place): Site {
  return place?.stack ?? '';
}
