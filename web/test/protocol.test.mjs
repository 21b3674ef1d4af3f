// The protocol, graphql-transport-ws, at a real town hall: with the official client, and with frames that no client
// of good will sends.
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, sleep } from "./setup.mjs";

const url = `${process.env.SPORTELLO_TOWN.replace(/^http/, "ws")}/graphql`;
const token = process.env.SPORTELLO_TOKEN;
const site = process.env.SPORTELLO_SITE;
const board = `subscription { boardChanged(siteId: "${site}") { kind cursor } }`;
const init = { type: "connection_init" };
const subscribe = (id, query = board, more = {}) => ({ id, type: "subscribe", payload: { query, ...more } });

/** A socket that sends frames as they are and keeps what comes. */
function raw() {
  const socket = new WebSocket(url, "graphql-transport-ws");
  const came = [];
  socket.onmessage = ({ data }) => came.push(JSON.parse(data));
  const opened = new Promise((resolve, reject) => { socket.onopen = resolve; socket.onerror = reject; });
  const closed = new Promise((resolve) => { socket.onclose = ({ code, reason }) => resolve({ code, reason }); });
  return {
    socket, came, opened, closed,
    send: (...frames) => frames.forEach((frame) => socket.send(typeof frame === "string" || frame instanceof Uint8Array ? frame : JSON.stringify(frame))),
    /** The first frame of a type that has not been taken yet. */
    async want(type) {
      await eventually(`a ${type}`, () => came.some((frame) => frame.type === type), 15_000);
      return came.splice(came.findIndex((frame) => frame.type === type), 1)[0];
    },
  };
}

/** A socket whose session has begun. */
async function begun(payload) {
  const s = raw();
  await s.opened;
  s.send({ ...init, payload });
  await s.want("connection_ack");
  return s;
}

const client = (payload) => globalThis.graphqlWs.createClient({ url, connectionParams: payload, retryAttempts: 0 });

test("the official client: a query, a mutation that is refused, a subscription, and its end at the client's word", async () => {
  const c = client({ Authorization: `Bearer ${token}` });
  const all = async (query) => { const got = []; for await (const result of c.iterate({ query })) got.push(result); return got; };
  const [{ data }] = await all("{ viewer { label } sites { id } }");
  assert.ok(data.viewer.label);
  assert.equal(data.sites[0].id, site);
  const [refused] = await all(`mutation { callNext(input: {idempotencyKey: "official", sessionId: "ses_none"}) { userErrors { code } } }`);
  assert.ok(refused.errors?.length || refused.data.callNext.userErrors.length);
  await assert.rejects(all("{ nothing }"), (errors) => errors[0].extensions.code === "BAD_USER_INPUT");
  const stream = c.iterate({ query: board });
  assert.equal((await stream.next()).value.data.boardChanged.kind, "SNAPSHOT");
  assert.equal((await stream.return()).done, true);
  await c.dispose();
});

test("the official client is refused with 4403 for a token that is none", async () => {
  const c = client({ Authorization: "Bearer nonsense" });
  await assert.rejects(c.iterate({ query: board }).next(), (event) => event.code === 4403);
});

/** How the server closes the socket on an official client that is set up to break a rule. */
async function closes(wrong, operations = 1) {
  const codes = [];
  const c = globalThis.graphqlWs.createClient({
    url, retryAttempts: 0, on: { closed: ({ code }) => codes.push(code) }, ...wrong,
  });
  const ends = Array.from({ length: operations }, () => c.iterate({ query: board }).next());
  const settled = await Promise.allSettled(ends);
  await eventually("the end of the socket", () => codes.length > 0, 15_000);
  for (const { status, reason } of settled) {
    assert.ok(status === "fulfilled" || reason.code === codes[0], `${status}: ${JSON.stringify(reason)}`);
  }
  assert.ok(settled.some(({ status }) => status === "rejected"), "no operation is told why");
  return codes[0];
}

/** A socket of the official client that changes the frames it is given to send. */
const changing = (change) => class extends WebSocket {
  send(frame) { change(JSON.parse(frame)).forEach((message) => super.send(JSON.stringify(message))); }
};
const twiceInit = (message) => message.type === "connection_init" ? [message, message] : [message];
const subscribeFirst = (message) => message.type === "connection_init" ? [subscribe("1"), message] : [message];

for (const [name, code, wrong, operations] of [
  ["whose messages lose their type", 4400, { jsonMessageReplacer: (key, value) => key === "type" ? undefined : value }],
  ["whose query is a number", 4400, { jsonMessageReplacer: (key, value) => key === "query" ? 1 : value }],
  ["whose operations have no id", 4400, { jsonMessageReplacer: (key, value) => key === "id" ? undefined : value }],
  ["that subscribes before its session", 4401, { webSocketImpl: changing(subscribeFirst) }],
  ["that speaks no subprotocol", 4406, { webSocketImpl: class extends WebSocket { constructor(to) { super(to); } } }],
  ["whose ids are always the same", 4409, { generateID: () => "the same" }, 2],
  ["that begins its session twice", 4429, { webSocketImpl: changing(twiceInit) }],
]) {
  test(`${code} for the official client ${name}`, async () => {
    assert.equal(await closes(wrong, operations), code);
  });
}

// A client that offers only what the server does not speak ends the connection itself, before it could hear of 4406.
test("no session for the official client that speaks the subprotocol of old", async () => {
  let opened = 0;
  const webSocketImpl = class extends WebSocket { constructor(to) { super(to, "graphql-ws"); } };
  const c = globalThis.graphqlWs.createClient({ url, retryAttempts: 0, webSocketImpl, on: { opened: () => opened++ } });
  await assert.rejects(c.iterate({ query: board }).next());
  assert.equal(opened, 0);
});

test("4408 for the official client that never finds its parameters", async () => {
  const begin = Date.now();
  assert.equal(await closes({ connectionParams: () => new Promise(() => {}) }), 4408);
  const took = Date.now() - begin;
  assert.ok(took > 4000 && took < 9000, `${took} ms`);
});

test("two operations on one socket, apart", async () => {
  const s = await begun();
  s.send(subscribe("a"), subscribe("b", "{ sites { id } }"));
  const results = [await s.want("next"), await s.want("next")];
  assert.deepEqual(results.map((r) => r.id).sort(), ["a", "b"]);
  assert.equal((await s.want("complete")).id, "b");
  s.socket.close();
});

test("no result after the client's complete, and its id is free again", async () => {
  const s = await begun();
  for (let i = 0; i < 20; i++) {
    s.send(subscribe("1"), { id: "1", type: "complete" });
  }
  s.send(subscribe("1"));
  assert.equal((await s.want("next")).id, "1");
  s.send({ id: "1", type: "complete" }, { type: "ping" });
  await s.want("pong");
  const said = s.came.length; // before the last complete was read
  await sleep(500);
  assert.deepEqual(s.came.slice(said), []);
  s.socket.close();
});

test("after an error, no complete", async () => {
  const s = await begun();
  s.send(subscribe("1", "subscription { nothing }"), { type: "ping" });
  assert.equal((await s.want("error")).payload[0].extensions.code, "BAD_USER_INPUT");
  s.send({ type: "ping" });
  await s.want("pong");
  await sleep(300);
  assert.ok(s.came.every((frame) => frame.type === "pong"), JSON.stringify(s.came));
  s.socket.close();
});

test("ping and pong before and after the session begins, with a payload too", async () => {
  const s = raw();
  await s.opened;
  s.send({ type: "ping", payload: { a: 1 } });
  await s.want("pong");
  s.send(init);
  await s.want("connection_ack");
  s.send({ type: "pong" }, { type: "ping" });
  await s.want("pong");
  s.socket.close();
});

const malformed = {
  "no JSON": "hello", "cut JSON": `{"type":"ping"`, "a list": `[{"type":"ping"}]`, "null": "null", "a number": "1", "nothing": "",
  "no type": `{"id":"1"}`, "a type that is a number": `{"type":1}`, "an unknown type": `{"type":"start","id":"1"}`,
  "a type of the server's": `{"type":"next","id":"1","payload":{}}`, "two documents": `{"type":"ping"}{"type":"ping"}`,
  "an init with a list": `{"type":"connection_init","payload":[]}`, "a ping with a text": `{"type":"ping","payload":"x"}`,
  "a subscribe without id": `{"type":"subscribe","payload":{"query":"{a}"}}`, "with an empty id": `{"type":"subscribe","id":"","payload":{"query":"{a}"}}`,
  "without payload": `{"type":"subscribe","id":"1"}`, "without query": `{"type":"subscribe","id":"1","payload":{}}`,
  "with variables that are a list": `{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":[]}}`, "a complete without id": `{"type":"complete"}`,
  "a binary frame": new TextEncoder().encode(`{"type":"ping"}`),
};
for (const [name, frame] of Object.entries(malformed)) {
  test(`4400 for ${name}`, async () => {
    const s = await begun();
    s.send(frame);
    assert.equal((await s.closed).code, 4400);
  });
}

for (const [name, code, frames] of [
  ["subscribe before the session", 4401, [subscribe("1")]],
  ["the id of an operation in progress", 4409, [init, subscribe("1"), subscribe("1")]],
  ["a second connection_init", 4429, [init, init]],
  ["a message of 65 kB", 1009, [init, { type: "ping", payload: { a: "x".repeat(65 << 10) } }]],
  ["a ticket that is none", 4403, [{ ...init, payload: { ticket: "nonsense" } }]],
]) {
  test(`${code} for ${name}`, async () => {
    const s = raw();
    await s.opened;
    s.send(...frames);
    assert.equal((await s.closed).code, code);
  });
}

test("4408 without connection_init, in 5 seconds", async () => {
  const begin = Date.now();
  const s = raw();
  await s.opened;
  assert.equal((await s.closed).code, 4408);
  const took = Date.now() - begin;
  assert.ok(took > 4000 && took < 9000, `${took} ms`);
});

test("no more than 50 operations on one socket; the others go on", async () => {
  const s = await begun();
  for (let i = 0; i < 51; i++) s.send(subscribe(`s${i}`));
  const refused = await s.want("error");
  assert.equal(refused.id, "s50");
  assert.equal(refused.payload[0].extensions.code, "RATE_LIMITED");
  s.send({ type: "ping" });
  await s.want("pong");
  s.socket.close();
});

test("no more than 20 sockets of one user, and one more when one has gone", async () => {
  const open = [];
  for (let i = 0; i < 20; i++) open.push(await begun({ Authorization: `Bearer ${token}` }));
  const more = raw();
  await more.opened;
  more.send({ ...init, payload: { Authorization: `Bearer ${token}` } });
  assert.equal((await more.closed).code, 4429);
  open[0].socket.close();
  await open[0].closed;
  await sleep(300);
  open.push(await begun({ Authorization: `Bearer ${token}` }));
  open.forEach((s) => s.socket.close());
});
