// Who has signed in, and the way in and out.
"use strict";

const who = document.getElementById("who");

/** The name of a citizen is read over GraphQL, where each reading is on record. */
const nameQuery = `query Me($id: ID!) { node(id: $id) { ... on Person { label givenName familyName } } }`;

async function nameOf(session) {
  if (session.label) return session.label;
  const answer = await fetch("/graphql", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ query: nameQuery, variables: { id: session.id } }),
  });
  const { data } = await answer.json();
  const person = data && data.node;
  return person ? [person.givenName, person.familyName].filter(Boolean).join(" ") : "";
}

/** An Italian text, with the English one after it. */
function both(node, italian, inEnglish) {
  const second = document.createElement("span");
  second.lang = "en";
  second.textContent = inEnglish;
  node.append(`${italian} · `, second);
  return node;
}

async function signOut() {
  const answer = await fetch("/auth/logout", { method: "POST" });
  if (answer.ok) location.assign((await answer.json()).redirectTo);
}

async function showWho() {
  const answer = await fetch("/auth/session");
  if (!answer.ok) return;
  const session = await answer.json();
  if (!session.available) return;
  if (session.signedIn) {
    const name = document.createElement("span");
    name.textContent = `${(await nameOf(session)) || "–"} (${session.assurance})`;
    const out = both(document.createElement("button"), "Esci", "Sign out");
    out.type = "button";
    out.addEventListener("click", signOut);
    who.append(name, out);
  } else {
    const way = both(document.createElement("a"), "Accedi", "Sign in");
    way.href = `/auth/login?returnTo=${encodeURIComponent(location.pathname)}`;
    who.append(way);
  }
  who.hidden = false;
}

showWho();
