// How a subscription comes back, by the code with which the server closed: against sockets that are scripted here.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { connect } from "../static/live.mjs";
import { eventually, Page, times } from "./setup.mjs";

/** Sockets of which the first ends as the test says, after one update; the others stay. */
function scripted(ending) {
  const opened = [];
  class Socket {
    static CONNECTING = 0;
    static OPEN = 1;
    static CLOSING = 2;
    static CLOSED = 3;
    readyState = 1;
    constructor() {
      this.at = performance.now();
      opened.push(this);
      setTimeout(() => this.onopen(), 1);
    }
    say(message) { this.onmessage?.({ data: JSON.stringify(message) }); }
    send(text) {
      const message = JSON.parse(text);
      if (message.type === "ping") setTimeout(() => this.say({ type: "pong" }), 1);
      if (message.type === "connection_init") {
        this.init = message.payload;
        setTimeout(() => this.say({ type: "connection_ack" }), 1);
      }
      if (message.type !== "subscribe") return;
      this.subscribed = [...(this.subscribed ?? []), message.payload.variables];
      setTimeout(() => {
        this.say({ id: message.id, type: "next", payload: { data: { boardChanged: { cursor: `c${opened.length}` } } } });
        if (opened.length > 1 || this.subscribed.length > 1) return;
        this.ended = performance.now();
        if (ending.error) this.say({ id: message.id, type: "error", payload: [{ message: "", extensions: { code: ending.error } }] });
        else this.close(ending.code);
      }, 1);
    }
    close(code, reason = "") {
      if (this.readyState === 3) return;
      this.readyState = 3;
      setTimeout(() => this.onclose?.({ code, reason, wasClean: true }), 1);
    }
  }
  return { opened, Socket };
}

const stops = [];
after(() => stops.forEach((stop) => stop()));

/** Plays an ending; gives the variables of the second subscription, how long it took, and the tickets asked for. */
async function play(ending, signedIn = false) {
  const { opened, Socket } = scripted(ending);
  const tickets = [];
  const fetch = async () => {
    tickets.push(`ticket-${tickets.length + 1}`);
    return Response.json({ data: { createSocketTicket: { ticket: tickets.at(-1) } } });
  };
  const page = new Page();
  const line = connect({ url: "http://town.test/graphql", WebSocket: Socket, fetch, times, signedIn });
  stops.push(line.follow({ query: "subscription", variables: { siteId: "s" }, onUpdate: page.onUpdate, onState: page.onState }));
  const second = () => opened.flatMap((socket) => (socket.subscribed ?? []).map((variables) => ({ socket, variables })))[1];
  await eventually("it comes back", () => second() && page.updates.length === 2);
  return { page, tickets, again: second().variables, took: performance.now() - opened[0].ended, inits: opened.map((socket) => socket.init) };
}

for (const [name, ending, most] of [
  ["1012, the server restarts: at once", { code: 1012 }, times.first],
  ["1013, too slow a reader", { code: 1013 }, 2 * times.first],
  ["1006, the connection went away", { code: 1006 }, 2 * times.first],
  ["an error that passes", { error: "INTERNAL" }, 2 * times.first],
]) {
  test(`${name}; it goes on behind its cursor`, async () => {
    const { again, took, page } = await play(ending);
    assert.deepEqual(again, { siteId: "s", after: "c1" });
    assert.ok(took < most + 500, `took ${took} ms`);
    assert.ok(!page.kindsSince(0).includes("stale"), "a short break is not shown");
  });
}

for (const [name, ending] of [
  ["4429, too many sockets", { code: 4429 }],
  ["4400, a message that is none", { code: 4400 }],
  ["an operation that is refused", { error: "BAD_USER_INPUT" }],
]) {
  test(`${name}: it is tried again, but not soon`, async () => {
    const { again, took, page } = await play(ending);
    assert.equal(again.after, "c1");
    assert.ok(took > times.hopeless / 2, `took ${took} ms`);
    assert.ok(page.kindsSince(0).includes("stale"), "the page says that it is not live");
    assert.equal(page.state, "live");
  });
}

test("SNAPSHOT_NEEDED: the cursor is dropped", async () => {
  const { again } = await play({ error: "SNAPSHOT_NEEDED" });
  assert.deepEqual(again, { siteId: "s", after: null });
});

test("4403, rights ended or changed: a new ticket, and on behind the cursor", async () => {
  const { again, inits } = await play({ code: 4403 }, true);
  assert.equal(again.after, "c1");
  assert.deepEqual(inits, [{ ticket: "ticket-1" }, { ticket: "ticket-2" }]);
});

test("the public asks for no ticket", async () => {
  const { tickets, inits } = await play({ code: 4403 });
  assert.deepEqual({ tickets, inits }, { tickets: [], inits: [{}, {}] });
});
