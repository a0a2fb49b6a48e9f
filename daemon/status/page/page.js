// Asks the daemon again and again, and shows what it says.

const between = 3000; // ms, from an answer to the next question
const historyBetween = 10000;
const patience = 15000;
const tokenKey = "kinto-mirror token";

class NeedsToken extends Error {}

let hour = { now: 0, at: [], master: {}, replicas: [] };
let historyAt = -Infinity;
let heardAt = performance.now();
let timer = 0;

async function ask(path) {
  const token = sessionStorage.getItem(tokenKey);
  const headers = token === null ? {} : { Authorization: `Bearer ${token}` };
  const answer = await fetch(path, { headers, cache: "no-store", signal: AbortSignal.timeout(patience) });
  if (answer.status === 401) throw new NeedsToken();
  if (!answer.ok) throw new Error(`${path} answers ${answer.status}`);
  return answer.json();
}

function loadNode() {
  const label = el("p");
  const bar = el("progress");
  const node = el("li", {}, label, bar);
  node.show = ({ id, progress }) => {
    const { done, total, per_second: rate, left } = progress;
    const rest = left === null ? "" : `, ${span(left)} left`;
    say(label, `${id}: ${number(done)} of ${number(total)} records, ${number(rate)}/s${rest}`);
    bar.max = Math.max(1, total);
    bar.value = done;
    bar.setAttribute("aria-label", id);
  };
  return node;
}

function serverText(server, more) {
  const asked = Object.values(server.requests).reduce((sum, count) => sum + count, 0);
  return [server.url, ...more, `${number(asked)} requests`].join(", ");
}

function replicaNode() {
  const name = el("span");
  const state = el("span");
  const line = el("p");
  const plots = el("div", { class: "plots" });
  const loads = el("ul", { class: "plain loads", "aria-label": "loads and audits under way" });
  const containers = el("p");
  const table = { node: null };
  const node = el("section", {}, el("h2", {}, name, " ", state), line, loads, plots, containers);
  node.show = (replica) => {
    say(name, replica.name);
    badge(state, replica.in_sync ? "in sync" : replica.state === "following" ? "NOT in sync" : replica.state,
      replica.in_sync ? "good" : kindOf(replica.state) === "good" ? "warn" : kindOf(replica.state));
    say(line, serverText(replica, [`lag ${span(replica.lag)}`, `${number(replica.collections.length)} collections`]));
    keep(loads, replica.collections.filter((one) => one.progress), (one) => one.id, loadNode);
    loads.hidden = loads.childElementCount === 0;
    keep(plots, plotsOfReplica(hour, replica.name), (one) => one.title, plot);
    const { state: whole, same, differences } = replica.containers;
    say(containers, `buckets, groups and collections: ${whole}, ${number(same)} same, ${number(differences.length)} different`);
    if (!table.node) {
      table.node = tableNode(replica.name);
      node.append(table.node);
    }
    table.node.show(replica.collections);
  };
  return node;
}

function showMaster(master) {
  const [title, line, plots] = by("master").children;
  badge(title.firstElementChild ?? title.appendChild(el("span")), `${master.name}: ${master.state}`, kindOf(master.state));
  say(line, serverText(master, []));
  keep(plots, plotsOfMaster(hour), (one) => one.title, plot);
}

function show(status) {
  const verdict = status.in_sync ? "in sync" : "NOT in sync";
  badge(by("verdict"), verdict, status.in_sync ? "good" : "bad");
  document.title = `${verdict} - kinto-mirror`;
  const shard = status.shard === "0/1" ? "" : `, shard ${status.shard}`;
  say(by("about"), `${status.version}, up ${span((status.now - status.started) / 1000)}${shard}`);
  showTroubles(status);
  showMaster(status.master);
  keep(by("replicas"), status.replicas, (one) => one.name, replicaNode);
  by("state").hidden = false;
}

function askForToken() {
  by("state").hidden = true;
  badge(by("verdict"), "not shown", "warn");
  if (sessionStorage.getItem(tokenKey) !== null) say(by("token-word"), "This token is not taken. Another one, please.");
  sessionStorage.removeItem(tokenKey);
  by("token").hidden = false;
  by("token-text").focus();
}

function tellSilence(error) {
  const ago = span((performance.now() - heardAt) / 1000);
  say(by("silence"), `The daemon has not answered for ${ago} (${error.message}). What is shown is of before. Asking again.`);
  by("silence").hidden = false;
}

async function turn() {
  clearTimeout(timer);
  const begin = performance.now();
  try {
    const status = await ask("/status");
    if (begin - historyAt >= historyBetween) {
      hour = await ask("/history");
      historyAt = begin;
    }
    show(status);
    heardAt = performance.now();
    by("silence").hidden = by("token").hidden = true;
  } catch (error) {
    if (error instanceof NeedsToken) return askForToken();
    tellSilence(error);
  }
  // A daemon with much to tell is asked less often.
  if (!document.hidden) timer = setTimeout(turn, Math.max(between, 10 * (performance.now() - begin)));
}

by("token").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(tokenKey, by("token-text").value.trim());
  by("token-text").value = "";
  turn();
});
document.addEventListener("visibilitychange", () => {
  clearTimeout(timer);
  if (!document.hidden) turn();
});
turn();
