// A live subscription that resumes by itself: it remembers the last cursor and
// passes it as `after` when the connection comes back, so that nothing is missed.
"use strict";

/**
 * @param {object} options
 * @param {string} options.query a subscription with an `$after: EventCursor` variable
 * @param {object} options.variables the other variables
 * @param {(data: object) => void} options.onUpdate called with the first field of each answer
 * @param {(state: "live"|"stale") => void} options.onState whether what is shown is current
 * @param {() => Promise<string|undefined>} [options.token] gives a bearer token, asked at each connection
 */
function live({ query, variables, onUpdate, onState, token }) {
  let after = null;
  const protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const client = graphqlWs.createClient({
    url: `${protocol}//${location.host}/graphql`,
    retryAttempts: Infinity,
    shouldRetry: () => true,
    keepAlive: 15000,
    connectionParams: async () => {
      const bearer = token ? await token() : undefined;
      return bearer ? { Authorization: `Bearer ${bearer}` } : {};
    },
    on: { connected: () => onState("live"), closed: () => onState("stale") },
  });
  const start = () => {
    client.subscribe({ query, variables: { ...variables, after } }, {
      next: ({ data, errors }) => {
        if (errors && errors.some((e) => e.extensions && e.extensions.code === "SNAPSHOT_NEEDED")) after = null;
        if (!data) return;
        const update = Object.values(data)[0];
        after = update.cursor;
        onState("live");
        onUpdate(update);
      },
      error: (errors) => {
        if (Array.isArray(errors) && errors.some((e) => e.extensions && e.extensions.code === "SNAPSHOT_NEEDED")) after = null;
        onState("stale");
        setTimeout(start, 2000);
      },
      complete: () => setTimeout(start, 1000),
    });
  };
  start();
}
