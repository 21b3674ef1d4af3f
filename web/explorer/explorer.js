import { eventStream } from "/events.mjs";

const welcome = `# Sportello's API, on the demo town.
#
# The catalogue and the board are public. For everything else put a token into
# the Headers pane below:
#   {"Authorization": "Bearer …"}
# and get one in a terminal with
#   bin/sportello token --data .data/demo --as operator1
# Subscriptions take the same header. Docs are in the book on the left.

query Catalogue {
  services {
    code
    title { it en }
    practices { code title { it en } deadline { amount unit } }
  }
}
`;

const protocol = location.protocol === "https:" ? "wss:" : "ws:";

/** Whether the chosen operation of the document is a subscription. */
function isSubscription(documentAST, operationName) {
  return documentAST.definitions.some((definition) => definition.kind === "OperationDefinition"
    && definition.operation === "subscription"
    && (!operationName || (definition.name && definition.name.value === operationName)));
}

/** Says what a browser's event hides. Errors of GraphQL come as they are. */
function readable(cause) {
  if (cause instanceof CloseEvent) return { message: `The server closed the connection: ${cause.code} ${cause.reason}` };
  if (cause instanceof Event) return { message: "The server cannot be reached." };
  return cause;
}

/** Whether no socket came about: then an event stream may. A server that was reached says why it closes. */
const doesNotPass = (cause) => cause instanceof Event && (!(cause instanceof CloseEvent) || cause.code === 1006);

/** Runs a subscription, with the editor's headers: on a socket of its own, else as an event stream. */
function subscription(params, headers) {
  return {
    subscribe({ next, error, complete }) {
      const over = new AbortController();
      let came = false;
      const client = graphqlWs.createClient({
        url: `${protocol}//${location.host}/graphql`,
        connectionParams: headers,
        retryAttempts: 0,
        on: { connected: () => { came = true; } },
      });
      client.subscribe(params, {
        next,
        complete,
        error: async (cause) => {
          if (came || !doesNotPass(cause)) {
            error(readable(cause));
            return;
          }
          const end = await eventStream({ url: "/graphql", payload: params, next, heard() {}, signal: over.signal, headers });
          if (over.signal.aborted) return;
          if (end.errors) error(end.errors);
          else if (end.failed) error(readable(cause));
          else complete();
        },
      });
      return {
        unsubscribe() {
          over.abort();
          client.dispose();
        },
      };
    },
  };
}

async function post(params, headers) {
  const answer = await fetch("/graphql", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/graphql-response+json", ...headers },
    body: JSON.stringify(params),
  });
  return answer.json();
}

function fetcher(params, options = {}) {
  const headers = options.headers || {};
  if (options.documentAST && isSubscription(options.documentAST, params.operationName)) return subscription(params, headers);
  return post(params, headers);
}

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, { fetcher, defaultQuery: welcome, shouldPersistHeaders: true }),
);
