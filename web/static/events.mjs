// One subscription as an event stream: what is used where WebSockets do not pass.
// The protocol is that of graphql-sse, one operation per connection.

/** The first code of a list of errors; undefined if there is none. */
export const codeOf = (errors) => (Array.isArray(errors) && errors[0]?.extensions?.code) || undefined;

/** What the server says instead of a stream. */
async function refusalOf(answer) {
  try {
    return { errors: (await answer.json()).errors };
  } catch {
    return { failed: `status ${answer.status}` };
  }
}

/** The events of a body: their names and what they carry, null for what only keeps the connection open. */
async function* eventsOf(body) {
  let text = "";
  for (const reader = body.pipeThrough(new TextDecoderStream()).getReader(); ;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (text + value).split("\n\n");
    text = blocks.pop();
    for (const block of blocks) {
      const lines = block.split("\n");
      const field = (name) => lines.find((line) => line.startsWith(`${name}:`))?.slice(name.length + 1).trim();
      yield field("event") ? { name: field("event"), data: field("data") } : null;
    }
  }
}

/**
 * Follows one subscription until it ends.
 * @param {object} how
 * @param {string} how.url where the API is
 * @param {object} how.payload query and variables
 * @param {(result: object) => void} how.next called with each result
 * @param {() => void} how.heard called at each sign of life
 * @param {AbortSignal} how.signal ends it
 * @param {object} [how.headers] sent besides
 * @param {typeof fetch} [how.fetch]
 * @returns {Promise<{opened: boolean, errors?: object[], failed?: unknown}>} why it ended; opened says whether
 *   there was a stream at all
 */
export async function eventStream({ url, payload, next, heard, signal, headers, fetch = globalThis.fetch }) {
  let opened = false;
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "text/event-stream", ...headers },
      body: JSON.stringify(payload),
      signal,
    });
    if (!answer.ok || !answer.headers.get("Content-Type")?.startsWith("text/event-stream")) return { opened, ...await refusalOf(answer) };
    opened = true;
    heard();
    for await (const event of eventsOf(answer.body)) {
      heard();
      if (event?.name === "complete") return { opened };
      if (event?.name !== "next") continue;
      const result = JSON.parse(event.data);
      if (!result.data) return { opened, errors: result.errors }; // the last word of a stream that was ended
      next(result);
    }
    return { opened, failed: "the connection went away" };
  } catch (failed) {
    return { opened, failed };
  }
}
