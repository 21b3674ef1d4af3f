// The pages' subscriptions against a real town hall, through a proxy that the test may
// disturb. SPORTELLO_TOWN is the proxy's address, SPORTELLO_COOKIE the session of an
// operator, SPORTELLO_CONTROL where the test in Go does what it is asked.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { connect } from "../static/live.mjs";
import { eventually, Page, sleep, times } from "./setup.mjs";

const url = `${process.env.SPORTELLO_TOWN}/graphql`;
const headers = { Cookie: process.env.SPORTELLO_COOKIE };

/** Has the town hall do something; gives what it answers. */
async function town(deed) {
  const answer = await fetch(`${process.env.SPORTELLO_CONTROL}/${deed}`, { method: "POST" });
  const text = await answer.text();
  assert.ok(answer.ok, `${deed}: ${text}`);
  return text;
}

const queueQuery = `subscription Queue($site: ID!, $after: EventCursor) {
  queueChanged(siteId: $site, officeCode: "sportello", after: $after) { kind cursor event { type } leg { label } }
}`;
const boardQuery = `subscription Board($site: ID!, $after: EventCursor) {
  boardChanged(siteId: $site, after: $after) { kind cursor board { queues { waiting } } }
}`;
const variables = { site: process.env.SPORTELLO_SITE };

let stops = [];
afterEach(async () => {
  stops.forEach((stop) => stop());
  stops = [];
  await town("calm");
});

function follow(line, query) {
  const page = new Page();
  stops.push(line.follow({ query, variables, onUpdate: page.onUpdate, onState: page.onState }));
  return page;
}

/** The operator's queue, live. */
async function queue(own = {}) {
  const page = follow(connect({ url, headers, signedIn: true, times: { ...times, ...own } }), queueQuery);
  await eventually("the queue is live", () => page.state === "live");
  assert.equal(page.updates[0].kind, "SNAPSHOT");
  return page;
}

/** The numbers that the page saw join the queue, in order. */
const joined = (page) => page.updates.filter((u) => u.event?.type === "leg.queued").map((u) => u.leg.label);

/** Takes numbers and gives them, in order. */
async function take(many) {
  const labels = [];
  while (labels.length < many) labels.push(await town("issue"));
  return labels;
}

/** All numbers, once and in order, and the page is live again. */
async function seesAll(page, labels) {
  await eventually(`all of ${labels}`, () => joined(page).length >= labels.length && page.state === "live");
  assert.deepEqual(joined(page), labels);
  assert.equal(page.updates.filter((u) => u.kind === "SNAPSHOT").length, 1, "it went on behind its cursor");
}

test("the public board is live without a ticket, beside another subscription on the same socket", async () => {
  const before = Number(await town("sockets"));
  const line = connect({ url, times });
  const board = follow(line, boardQuery);
  const other = follow(line, boardQuery);
  await eventually("both are live", () => board.state === "live" && other.state === "live");
  await town("issue");
  await eventually("the number is on both", () => board.updates.length > 1 && other.updates.length > 1);
  assert.equal(Number(await town("sockets")) - before, 1);
});

for (const [deed, shown] of [["restart", "stopped in order"], ["crash", "was killed"]]) {
  test(`a server that ${shown}: another goes on, and nothing is missed`, async () => {
    const page = await queue();
    const labels = await take(3);
    await town(`${deed}`);
    labels.push(...await take(3));
    await seesAll(page, labels);
  });
}

test("a network that swallows everything: the page says how old it is, then misses nothing", async () => {
  const page = await queue();
  const labels = await take(2);
  await seesAll(page, labels);
  const before = page.states.length;
  await town("freeze");
  labels.push(...await take(2));
  await eventually("the page says that it is not live", () => page.state === "stale");
  await eventually("and for how long", () => page.states.at(-1).age >= 3);
  const { age, asOf } = page.states.at(-1);
  assert.ok(Math.abs(Date.now() - asOf.getTime() - age * 1000) < 1500, `${age} s, as of ${asOf.toISOString()}`);
  assert.deepEqual(joined(page), labels.slice(0, 2));
  await town("calm");
  await seesAll(page, labels);
  assert.deepEqual([...new Set(page.kindsSince(before))], ["stale", "live"]);
});

test("where no socket passes an event stream does, with the same resume; later a socket again", async () => {
  await town("no-sockets");
  const page = await queue({ events: 4000, silent: 20_000 }); // the server says nothing there for 12 s
  assert.ok(Number(await town("streams")) > 0);
  const labels = await take(2);
  await seesAll(page, labels);
  await town("restart");
  labels.push(...await take(2));
  await seesAll(page, labels);
  const sockets = Number(await town("sockets"));
  await town("calm");
  for (const end = Date.now() + 30_000; Number(await town("sockets")) === sockets && Date.now() < end;) await sleep(100);
  assert.ok(Number(await town("sockets")) > sockets, "a socket is tried again");
  labels.push(...await take(2));
  await seesAll(page, labels);
});

test("rights that change end the socket with 4403: a new ticket, and nothing is missed", async () => {
  const page = await queue();
  const labels = await take(1);
  await seesAll(page, labels);
  const sockets = Number(await town("sockets"));
  await town("rights");
  for (const end = Date.now() + 30_000; Number(await town("sockets")) === sockets && Date.now() < end;) await sleep(100);
  labels.push(...await take(1));
  await seesAll(page, labels);
});

test("another database knows no cursor of this one: a new snapshot", async () => {
  const page = follow(connect({ url, times }), boardQuery);
  await eventually("the board is live", () => page.state === "live");
  const cursor = page.updates[0].cursor;
  await town("other-town");
  await eventually("a board of the other town", () => page.updates.length > 1 && page.state === "live");
  assert.equal(page.updates.at(-1).kind, "SNAPSHOT");
  assert.notEqual(page.updates.at(-1).cursor, cursor);
});

test("whoever signs out is told so", async () => {
  const page = await queue();
  await town("sign-out");
  await eventually("the page says so", () => page.state === "signedOut");
  const seen = page.updates.length;
  await town("issue");
  await sleep(500);
  assert.equal(page.updates.length, seen, "nothing more is shown");
});
