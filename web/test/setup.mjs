// What every test of the pages' scripts needs: the official client as browsers have it,
// and words with the test in Go that plays the town hall.
import { createRequire } from "node:module";

globalThis.graphqlWs = createRequire(import.meta.url)("../vendor/graphql-ws.min.js");

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until it holds; the message says what for. */
export async function eventually(what, holds, patience = 30_000) {
  for (const end = Date.now() + patience; Date.now() < end; await sleep(20)) {
    if (holds()) return;
  }
  throw new Error(`not within ${patience} ms: ${what}`);
}

/** Less patience than a hall has. */
export const times = { ping: 300, silent: 1500, grace: 600, open: 1000, first: 100, longest: 400, hopeless: 2000, events: 60_000 };

/** What a page was told: updates and states, in order. */
export class Page {
  updates = [];
  states = [];
  onUpdate = (update) => this.updates.push(update);
  onState = (state) => this.states.push(state);
  get state() { return this.states.at(-1)?.kind; }
  /** Those of what came since a moment in the list of states. */
  kindsSince(position) { return this.states.slice(position).map((state) => state.kind); }
}
