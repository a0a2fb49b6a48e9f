// What needs somebody: of a state, a list of { key, grave, title, text, items, command }.

const mostTroubles = 50;
const badServers = ["refused", "failing", "unreachable"];

function containerTroubles(replica, keepsExtras) {
  const { differences, error } = replica.containers;
  const failed = error
    ? [{ key: `${replica.name} containers`, grave: true, title: `${replica.name}: buckets, groups and collections`,
      text: `could not be compared: ${error.message}` }]
    : [];
  const needing = differences.filter((one) => !(keepsExtras && one.kind === "extra"));
  return failed.concat(needing.map((one) => ({
    key: `${replica.name} container ${one.id} ${one.kind}`,
    title: `${one.id} on ${replica.name}: ${one.kind}`,
    text: `${one.reason} (for ${span(one.for)})`,
  })));
}

function brakeTrouble(collection, where) {
  const { brake } = collection;
  const counted = brake.would_delete === undefined ? "deletes that are to be counted again"
    : `${number(brake.would_delete)} deletes, where ${number(brake.allowed)} are allowed`;
  return {
    key: `${where} brake`, grave: true, title: `${where}: the brake holds`,
    text: `${counted}. Look at the master first; if they are meant, this lets them go once:`,
    items: brake.ids ?? [], command: `kinto-mirror release ${shellWord(collection.id)}`,
  };
}

function quarantineTrouble(collection, where) {
  const told = collection.quarantine.map((one) => `${one.id}: ${one.status} ${one.reason}`);
  const more = collection.quarantined - told.length;
  return {
    key: `${where} quarantine`, title: `${where}: ${number(collection.quarantined)} in quarantine`,
    text: "The replica refuses these records; all others are copied.",
    items: more > 0 ? [...told, `and ${number(more)} more`] : told,
  };
}

function collectionTroubles(replica, collection) {
  const where = `${collection.id} on ${replica.name}`;
  const found = [];
  if (collection.brake) found.push(brakeTrouble(collection, where));
  if (collection.quarantined > 0) found.push(quarantineTrouble(collection, where));
  if (collection.state === "paused") {
    found.push({ key: `${where} paused`, title: `${where}: paused`, text: "It is left alone until this is given:",
      command: `kinto-mirror resume ${shellWord(collection.id)}` });
  }
  if (collection.state === "not-shown") {
    found.push({ key: `${where} hidden`, title: `${where}: not shown`,
      text: "The master does not show it any more. The replica keeps what it has." });
  }
  if (collection.error) {
    found.push({ key: `${where} error`, grave: true, title: `${where}: ${collection.state}`, text: collection.error.message });
  } else if (collection.state === "different") {
    found.push({ key: `${where} different`, title: `${where}: different`,
      text: `${number(collection.missing)} missing, ${number(collection.differs)} differ, ${number(collection.extra)} extra` });
  }
  return found;
}

function troublesOf(status) {
  const { master, replicas } = status;
  const found = [];
  if (badServers.includes(master.state)) {
    found.push({ key: "master", grave: true, title: `${master.name}: ${master.state}`, text: master.url });
  }
  for (const replica of replicas) {
    if (replica.error) {
      found.push({ key: replica.name, grave: true, title: `${replica.name}: failing for ${span(replica.failing_for)}`,
        text: replica.error.message });
    } else if (badServers.includes(replica.server)) {
      found.push({ key: replica.name, grave: true, title: `${replica.name}: ${replica.server}`, text: replica.url });
    }
    found.push(...containerTroubles(replica, status.extras === "keep"));
    for (const collection of replica.collections) found.push(...collectionTroubles(replica, collection));
  }
  if (status.webhook?.error) {
    const { failing_for: since, given_up: lost, error } = status.webhook;
    found.push({ key: "webhook", title: `webhook: failing for ${span(since)}`,
      text: `${error.message}; ${number(lost)} messages were given up since the start` });
  }
  return found.sort((one, other) => Number(Boolean(other.grave)) - Number(Boolean(one.grave)));
}

// Where the page may not write to the clipboard (plain HTTP from afar), the command is selected.
function copier(code) {
  const button = el("button", { type: "button" }, "copy");
  button.addEventListener("click", async () => {
    getSelection().selectAllChildren(code);
    if (!navigator.clipboard) return;
    await navigator.clipboard.writeText(code.textContent).then(() => say(button, "copied"), () => {});
  });
  return button;
}

function troubleNode() {
  const title = el("h3");
  const text = el("p");
  const items = el("ul");
  const code = el("code");
  const command = el("p", { class: "command" }, code, copier(code));
  const node = el("li", {}, title, text, command, items);
  node.show = (trouble) => {
    node.classList.toggle("grave", Boolean(trouble.grave));
    say(title, trouble.title);
    say(text, trouble.text);
    lines(items, trouble.items ?? []);
    items.hidden = !trouble.items?.length;
    say(code, trouble.command ?? "");
    command.hidden = !trouble.command;
  };
  return node;
}

function showTroubles(status) {
  const all = troublesOf(status);
  by("hand-none").hidden = all.length > 0;
  keep(by("troubles"), all.slice(0, mostTroubles), (one) => one.key, troubleNode);
  const more = by("troubles-more");
  more.hidden = all.length <= mostTroubles;
  say(more, `and ${number(Math.max(0, all.length - mostTroubles))} more`);
}
