"use strict";

const boardQuery = `subscription Board($siteId: ID!, $after: EventCursor) {
  boardChanged(siteId: $siteId, after: $after) {
    cursor
    board {
      at openCounters
      calls { label counter state callCount office { title { it } } }
      queues { waiting medianSeconds p80Seconds office { code title { it en } } }
    }
  }
}`;

const byId = (id) => document.getElementById(id);

function text(tag, content, className) {
  const node = document.createElement(tag);
  node.textContent = content;
  if (className) node.className = className;
  return node;
}

const minutes = (seconds) => (seconds < 60 ? "< 1 min" : `${Math.round(seconds / 60)} min`);

function show({ board }) {
  byId("calls").replaceChildren(...board.calls.map((call) => {
    const item = text("li", "", call.state === "CALLED" ? "now" : "");
    item.append(text("span", call.label, "label"), text("span", `Sportello ${call.counter}`), document.createElement("br"), text("small", call.office.title.it));
    return item;
  }));
  byId("queues").replaceChildren(...board.queues.map((queue) => {
    const row = document.createElement("tr");
    row.append(
      text("th", `${queue.office.title.it} · ${queue.office.title.en}`),
      text("td", String(queue.waiting), "number"),
      text("td", minutes(queue.medianSeconds), "number"),
      text("td", minutes(queue.p80Seconds), "number"),
    );
    row.firstChild.scope = "row";
    return row;
  }));
  byId("counters").textContent = String(board.openCounters);
}

function state(current) {
  const status = byId("status");
  status.className = current === "live" ? "status" : "status stale";
  status.textContent = current === "live"
    ? "In diretta · Live"
    : "Non aggiornato: collegamento interrotto, nuovo tentativo in corso · Out of date: connection lost, trying again";
}

async function main() {
  const answer = await fetch("/graphql", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/graphql-response+json" },
    body: JSON.stringify({ query: "{ sites { id name } }" }),
  });
  const { data } = await answer.json();
  const site = data.sites[0];
  if (!site) {
    byId("status").textContent = "Nessuna sede configurata · No site is set up";
    return;
  }
  byId("site").textContent = site.name;
  live({ query: boardQuery, variables: { siteId: site.id }, onUpdate: show, onState: state });
  const explorer = await fetch("/explorer/", { method: "HEAD" });
  byId("explorer").hidden = !explorer.ok;
}

main().catch(() => state("stale"));
