// Live subscriptions that go on by themselves: each remembers its last cursor and passes it as `after` when it
// comes back, so that nothing is missed, whatever server answers. One socket carries them all; where sockets do
// not pass, each goes over an event stream of its own.
import { codeOf, eventStream } from "./events.mjs";
import { freshness } from "./freshness.mjs";

/** All in ms. Tests have less patience than halls. */
const usual = {
  ping: 10_000, // between pings of ours; their answers are the words of a quiet connection
  silent: 20_000, // without a word, then a connection is cut and what is shown is not called live any more
  grace: 3_000, // for a reconnection, before the page says so
  open: 8_000, // to open a socket
  first: 500, // between the first two tries; doubled at each
  longest: 5_000,
  hopeless: 30_000, // until what the server refused is tried again
  events: 300_000, // on event streams, until a socket is tried again
};

/** Sockets that came to nothing, after which an event stream is tried. */
const triesOfSocket = 2;

/** The server stops, or moves the client on: another answers at once. */
const atOnce = new Set([1012, "UNAVAILABLE", "SNAPSHOT_NEEDED"]);

/** It will not be better the next time; but a display in a hall never gives up. */
const hopeless = new Set([1007, 1009, 4400, 4401, 4406, 4409, 4429, "BAD_USER_INPUT", "NOT_FOUND", "QUERY_TOO_COMPLEX"]);

/** Only a server that was reached closes with these: sockets do pass. */
const fromServer = new Set([1011, 1012, 1013, 4403, 4408, 4429, 4499]);

const ticketMutation = "mutation Ticket($key: String!) { createSocketTicket(input: {idempotencyKey: $key}) { ticket } }";

/** Whoever was signed in is not any more. */
class SignedOut extends Error {}

/**
 * @param {object} [options]
 * @param {boolean} [options.signedIn] follow as who is signed in on this page: by a new ticket at each connection
 * @param {string} [options.url] where the API is
 * @param {object} [options.headers] sent with each request over HTTP
 * @param {typeof fetch} [options.fetch]
 * @param {typeof WebSocket} [options.WebSocket]
 * @param {Partial<typeof usual>} [options.times]
 */
export function connect({ signedIn = false, url = new URL("/graphql", globalThis.location).href, headers = {}, fetch = globalThis.fetch, WebSocket, times: own } = {}) {
  const times = { ...usual, ...own };
  const words = new Set(); // of each subscription that goes over the socket
  let acknowledged = false;
  let unopened = 0; // sockets in a row that came to nothing
  let ticketProblem = null;

  /** A ticket opens one socket, as whoever is signed in by the cookie of this page. */
  async function ticket() {
    const key = crypto.getRandomValues(new Uint32Array(4)).join("-");
    const answer = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/graphql-response+json", ...headers },
      body: JSON.stringify({ query: ticketMutation, variables: { key } }),
    });
    const { data, errors } = await answer.json().catch(() => ({}));
    const made = data?.createSocketTicket?.ticket;
    if (made) return made;
    throw answer.status === 401 || ["UNAUTHENTICATED", "FORBIDDEN"].includes(codeOf(errors)) ? new SignedOut() : new Error("no ticket");
  }

  const client = globalThis.graphqlWs.createClient({
    url: url.replace(/^http/, "ws"),
    webSocketImpl: WebSocket,
    retryAttempts: 0, // each subscription comes back by itself, over what passes
    keepAlive: times.ping,
    connectionAckWaitTimeout: times.open,
    connectionParams: async () => {
      ticketProblem = null;
      if (!signedIn) return {};
      return { ticket: await ticket().catch((problem) => { throw ticketProblem = problem; }) };
    },
    on: {
      connecting: () => {
        acknowledged = false;
        unopened++; // until it opens
      },
      connected: () => {
        acknowledged = true;
        unopened = 0;
        words.forEach((word) => word());
      },
      message: () => acknowledged && words.forEach((word) => word()),
      closed: (event) => {
        acknowledged = false;
        if (fromServer.has(event.code) || ticketProblem) unopened = 0;
      },
    },
  });

  /** Follows over the socket until it ends: gives a close code, errors, or nothing where the server completed it. */
  function overSocket(payload, next, word, cut) {
    return new Promise((resolve) => {
      // A network may swallow the attempt without a word.
      const tooLong = acknowledged ? undefined : setTimeout(() => client.terminate(), times.open);
      const heard = () => {
        clearTimeout(tooLong);
        word();
      };
      words.add(heard);
      const end = (why) => {
        clearTimeout(tooLong);
        words.delete(heard);
        resolve(why);
      };
      const leave = client.subscribe(payload, {
        next,
        error: (cause) => {
          leave(); // the client counts a subscription that its socket ended as open, and would keep the next socket for it
          if (ticketProblem instanceof SignedOut) end({ signedOut: true });
          else end(Array.isArray(cause) ? { errors: cause } : { code: cause?.code });
        },
        complete: () => end({}),
      });
      cut.signal.addEventListener("abort", leave);
    });
  }

  async function overEvents(payload, next, word, cut) {
    let enough = false;
    const most = setTimeout(() => cut.abort(enough = true), times.events);
    const end = await eventStream({ url, payload, next, heard: word, signal: cut.signal, headers, fetch });
    clearTimeout(most);
    if (enough) unopened = triesOfSocket - 1;
    else if (!end.opened && !end.errors) unopened = 0; // nothing passes
    return enough ? { code: 1012 } : end;
  }

  /** How long to wait before the next try, in ms. */
  function pause({ code, errors }, tries) {
    const why = code ?? codeOf(errors);
    const random = 0.75 + Math.random() / 2; // not all screens of a hall at the same moment
    if (atOnce.has(why) && tries === 0) return (times.first / 2) * random;
    return (hopeless.has(why) ? times.hopeless : Math.min(times.first * 2 ** tries, times.longest)) * random;
  }

  /**
   * Follows one subscription until stop is called.
   * @param {object} what
   * @param {string} what.query a subscription of one field with `cursor`, and an `$after: EventCursor` variable
   * @param {object} [what.variables] the other variables
   * @param {(update: object) => void} what.onUpdate called with the field of each result
   * @param {(state: import("./freshness.mjs").State) => void} [what.onState] how fresh it is
   * @returns {() => void} stop
   */
  function follow({ query, variables, onUpdate, onState = () => {} }) {
    let over = false;
    let after = null;
    let tries = 0;
    let cut = new AbortController(); // of this try
    let wake = () => {};
    const fresh = freshness(onState, times, () => {
      client.terminate();
      cut.abort();
    });

    function next({ data }) {
      const update = data && Object.values(data)[0];
      if (!update) return;
      after = update.cursor;
      tries = 0;
      onUpdate(update);
      fresh.word();
    }

    /** A stream that goes on behind its cursor says nothing until something happens: then any word counts. */
    const word = () => after && fresh.word();

    async function run() {
      while (!over) {
        cut = new AbortController();
        const payload = { query, variables: { ...variables, after } };
        const way = unopened < triesOfSocket ? overSocket : overEvents;
        const begun = performance.now();
        const end = await way(payload, next, word, cut);
        if (over) return;
        if (performance.now() - begun > times.open) tries = 0; // it stood for a while
        if (codeOf(end.errors) === "SNAPSHOT_NEEDED") after = null;
        const out = signedIn && (end.signedOut || codeOf(end.errors) === "UNAUTHENTICATED");
        fresh.lost({ signedOut: out });
        await new Promise((resolve) => {
          wake = resolve;
          setTimeout(resolve, out ? times.hopeless : pause(end, tries++));
        });
      }
    }

    const online = () => wake();
    globalThis.addEventListener?.("online", online);
    run();
    return () => {
      over = true;
      cut.abort();
      fresh.stop();
      wake();
      globalThis.removeEventListener?.("online", online);
    };
  }

  return { follow };
}
