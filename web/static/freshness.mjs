// How old is what a page shows? It is live while the server was heard a moment ago.

/** A hand of a clock that nobody sets: milliseconds. */
const elapsed = () => performance.now();

/**
 * @typedef {object} State
 * @property {"connecting"|"live"|"stale"|"signedOut"} kind stale: what is shown may be out of date; signedOut: nothing
 *   more comes until somebody signs in again
 * @property {number} age seconds since what is shown was certainly up to date; 0 while live
 * @property {Date|null} asOf the moment of that; null if there was none
 */

/**
 * Tells a page whether what it shows is live: at each change, and every second while it is not.
 * @param {(state: State) => void} tell
 * @param {object} times
 * @param {number} times.silent ms without a word after which a connection is not believed any more
 * @param {number} times.grace ms that a reconnection may take unnoticed
 * @param {() => void} onSilence called when a connection says nothing any more, to cut it
 */
export function freshness(tell, { silent, grace }, onSilence) {
  let good = null; // when what is shown was last certainly up to date
  let cut = elapsed(); // since when there is no connection; null while there is one
  let signedOut = false;
  let last = "";

  function kind() {
    if (signedOut) return "signedOut";
    const late = cut === null ? elapsed() - good > silent : elapsed() - cut > grace;
    if (late) return "stale";
    return good === null ? "connecting" : "live";
  }

  function look() {
    const now = kind();
    if (now === last && (now === "live" || now === "connecting")) return;
    last = now;
    const age = good === null || now === "live" ? 0 : elapsed() - good;
    tell({ kind: now, age: Math.round(age / 1000), asOf: good === null ? null : new Date(Date.now() - (elapsed() - good)) });
  }

  const clock = setInterval(() => {
    if (cut === null && elapsed() - good > silent) onSilence();
    look();
  }, Math.min(1000, grace, silent / 4));
  look();

  return {
    /** A sign of life on a connection that brings what happens. */
    word() {
      good = elapsed();
      cut = null;
      signedOut = false;
      look();
    },
    /** The connection is gone; silently, if nothing was heard of it. */
    lost({ signedOut: out = false } = {}) {
      cut ??= elapsed();
      signedOut = out;
      look();
    },
    stop: () => clearInterval(clock),
  };
}
