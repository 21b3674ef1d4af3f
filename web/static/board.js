// The live board: ticket numbers and desks, never names.
import { connect } from "./live.mjs";

const boardQuery = `subscription Board($siteId: ID!, $after: EventCursor) {
  boardChanged(siteId: $siteId, after: $after) {
    cursor
    board {
      at openCounters
      calls { label counter state callCount calledAt }
      queues { waiting medianSeconds p80Seconds office { code title { it en } } }
    }
  }
}`;

const shownCalls = 5;
const clock = new Intl.DateTimeFormat("it-IT", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Rome" });
const byId = (id) => document.getElementById(id);

function element(tag, content, className) {
  const node = document.createElement(tag);
  node.textContent = content;
  if (className) node.className = className;
  return node;
}

function english(tag, content) {
  const node = element(tag, content);
  node.lang = "en";
  return node;
}

/** A counter has a number, an office's desk the name of the office. */
const isNumber = (counter) => /^\d+$/.test(counter);
const desk = (counter) => (isNumber(counter) ? `Sportello ${counter}` : counter);

/** What is the same for two calls that are one. */
const keyOf = (call) => `${call.label} ${call.calledAt}`;

let known = null; // the calls shown before; null before the first

function callLine(call) {
  const item = document.createElement("li");
  if (!call) {
    item.append(element("span", "–", "label"), element("span", ""));
    return item;
  }
  const place = element("span", desk(call.counter), "desk");
  if (call.state === "CALLED") {
    item.className = known && !known.has(keyOf(call)) ? "now fresh" : "now";
    const again = call.callCount > 1 ? [`${call.callCount}ª chiamata`, `call ${call.callCount}`] : ["è il suo turno", "it is your turn"];
    const note = element("small", `${again[0]} · `);
    note.append(english("span", again[1]));
    place.append(note);
  } else if (isNumber(call.counter)) {
    place.append(english("small", `Counter ${call.counter}`));
  }
  item.append(element("span", call.label, "label"), place);
  return item;
}

/** Always five lines, so that nothing moves. */
function showCalls(calls) {
  byId("calls").replaceChildren(...Array.from({ length: shownCalls }, (_, i) => callLine(calls[i])));
  const fresh = known ? calls.filter((call) => call.state === "CALLED" && !known.has(keyOf(call))) : [];
  if (fresh.length > 0) {
    byId("spoken").textContent = fresh.map((call) => `${call.label}: ${desk(call.counter)}.`).join(" ");
  }
  known = new Set(calls.map(keyOf));
}

const minutes = (seconds) => Math.max(1, Math.round(seconds / 60));

/** The usual wait, and the one that four in five people do not exceed. */
function wait({ medianSeconds, p80Seconds }) {
  if (p80Seconds < 60) {
    const cell = element("td", "subito");
    cell.append(english("small", "at once"));
    return cell;
  }
  const cell = element("td", `${minutes(medianSeconds)} min`);
  cell.append(element("small", `4 su 5 entro ${minutes(p80Seconds)}`), english("small", `4 in 5 within ${minutes(p80Seconds)}`));
  return cell;
}

function queueLine(queue) {
  const row = document.createElement("tr");
  const name = element("th", queue.office.title.it);
  name.scope = "row";
  name.append(english("span", queue.office.title.en));
  row.append(name, element("td", String(queue.waiting)), wait(queue));
  if (queue.waiting === 0) row.className = "quiet";
  return row;
}

function show({ board }) {
  showCalls(board.calls);
  byId("queues").replaceChildren(...board.queues.map(queueLine));
  byId("counters").textContent = String(board.openCounters);
}

/** How long ago, in both languages: by the minute, so that a screen reader is not told each second. */
function ago(seconds) {
  const passed = Math.floor(seconds / 60);
  if (passed < 1) return ["meno di un minuto fa", "less than a minute ago"];
  if (passed < 120) return [passed === 1 ? "un minuto fa" : `${passed} minuti fa`, passed === 1 ? "a minute ago" : `${passed} minutes ago`];
  return [`${Math.floor(passed / 60)} ore fa`, `${Math.floor(passed / 60)} hours ago`];
}

/** What the page says of how old the board is. */
function notice({ kind, age, asOf }) {
  if (kind === "live") return ["In diretta", "Live"];
  if (kind === "connecting") return ["Collegamento…", "Connecting…"];
  if (!asOf) return ["Non in diretta: il server non risponde", "Not live: the server does not answer"];
  const [fa, since] = ago(age);
  return [`Non in diretta: dati delle ${clock.format(asOf)}, ${fa}`, `Not live: as of ${clock.format(asOf)}, ${since}`];
}

let said = "";

function showState(state) {
  const [italian, inEnglish] = notice(state);
  if (italian === said) return;
  said = italian;
  const stale = state.kind === "stale" || state.kind === "signedOut";
  const status = byId("status");
  status.className = `status ${stale ? "stale" : state.kind}`;
  status.replaceChildren(`${italian} · `, english("span", inEnglish));
  for (const part of ["calls", "queues"]) byId(part).classList.toggle("old", stale);
}

async function ask(query) {
  const answer = await fetch("/graphql", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/graphql-response+json" },
    body: JSON.stringify({ query }),
  });
  return (await answer.json()).data;
}

async function start() {
  const { sites: [site] } = await ask("{ sites { id } }");
  if (!site) {
    byId("status").textContent = "Nessuna sede · No site yet";
    return;
  }
  connect().follow({ query: boardQuery, variables: { siteId: site.id }, onUpdate: show, onState: showState });
  const features = await (await fetch("/features.json")).json();
  byId("explorer").hidden = !features.explorer;
}

function tick() {
  byId("clock").textContent = clock.format(new Date());
  setTimeout(tick, 1000);
}

function startOrRetry() {
  start().catch(() => {
    showState({ kind: "stale", age: 0, asOf: null });
    setTimeout(startOrRetry, 3000);
  });
}

tick();
startOrRetry();
