// A live subscription that resumes by itself: it remembers the last cursor and
// passes it as `after` when the connection comes back, so that nothing is missed.
"use strict";

const pingEvery = 10000; // ms between pings
const pongWithin = 5000; // ms until a silent server counts as gone
const longestPause = 5000; // ms between tries

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** One error says that the cursor is too old: begin anew with a snapshot. */
const isTooOld = (errors) => Array.isArray(errors) && errors.some((e) => e.extensions && e.extensions.code === "SNAPSHOT_NEEDED");

const ticketMutation = "mutation Ticket($key: String!) { createSocketTicket(input: {idempotencyKey: $key}) { ticket } }";

/**
 * A ticket for one socket, for whoever is signed in by the cookie of this page; undefined
 * for the public.
 * @returns {Promise<string|undefined>}
 */
async function socketTicket() {
  const key = crypto.getRandomValues(new Uint32Array(4)).join("-");
  try {
    const answer = await fetch("/graphql", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/graphql-response+json" },
      body: JSON.stringify({ query: ticketMutation, variables: { key } }),
    });
    return (await answer.json()).data.createSocketTicket.ticket || undefined;
  } catch {
    return undefined; // signed out, or the server is away
  }
}

/**
 * @param {object} options
 * @param {string} options.query a subscription of one field with `cursor`, and an `$after: EventCursor` variable
 * @param {object} options.variables the other variables
 * @param {(data: object) => void} options.onUpdate called with the field of each answer
 * @param {(state: "live"|"stale") => void} options.onState whether what is shown is current
 * @param {boolean} [options.signedIn] whether to open the socket as who is signed in on this page, by a ticket
 *   asked for at each connection, as the public if that is over
 */
function live({ query, variables, onUpdate, onState, signedIn }) {
  // The client sends the payload again at each connection: the cursor in it moves on.
  const payload = { query, variables: { ...variables, after: null } };
  let silence;
  const client = graphqlWs.createClient({
    url: `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/graphql`,
    lazy: false,
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: (tries) => sleep(Math.min(500 * 2 ** tries, longestPause) * (0.75 + Math.random() / 2)),
    keepAlive: pingEvery,
    connectionParams: async () => {
      const ticket = signedIn ? await socketTicket() : undefined;
      return ticket ? { ticket } : {};
    },
    on: {
      closed: () => { // with 4403 when rights end: the next connection has a new ticket
        clearTimeout(silence);
        onState("stale");
      },
      ping: (received) => {
        if (!received) silence = setTimeout(() => client.terminate(), pongWithin);
      },
      pong: (received) => {
        if (received) clearTimeout(silence);
      },
      // A stream that goes on behind its cursor says nothing until something happens.
      connected: () => {
        if (payload.variables.after) onState("live");
      },
    },
  });
  const subscribe = () => client.subscribe(payload, {
    next: ({ data, errors }) => {
      if (isTooOld(errors)) payload.variables.after = null;
      if (!data) return;
      const [update] = Object.values(data);
      payload.variables.after = update.cursor;
      onUpdate(update);
      onState("live");
    },
    error: async (errors) => {
      if (isTooOld(errors)) payload.variables.after = null;
      onState("stale");
      await sleep(2000);
      if (signedIn) client.terminate(); // this socket may be the public's
      subscribe();
    },
    complete: async () => {
      await sleep(1000);
      subscribe();
    },
  });
  subscribe();
}
