// The table of a replica's collections, and what one of them has been through.

const mostRows = 200;
const columns = ["collection", "state", "lag", "master", "replica", "quarantined", "last pass", "next audit"];
const kinds = { "in-sync": "good", following: "good", ok: "good", brake: "bad", failed: "bad", failing: "bad", "not-shown": "bad",
  unreachable: "bad", refused: "bad" };

const kindOf = (state) => kinds[state] ?? "warn";

function passText(pass) {
  const counts = ["created", "updated", "deleted", "missing", "differs", "extra", "quarantined"]
    .filter((what) => pass[what] > 0).map((what) => `${number(pass[what])} ${what}`);
  const told = `${pass.kind}, ${span(pass.ago)} ago, took ${number(pass.took_ms)} ms: ${pass.state}`;
  return [told, ...counts, ...(pass.error ? [pass.error.message] : [])].join(", ");
}

function lastingText(collection) {
  const told = Object.entries(collection.for).filter(([, time]) => time !== null)
    .map(([what, time]) => `${what} for ${span(time)}`);
  const named = collection.differences.map((one) => `${one.id} (for ${span(one.for)})`);
  return [...told, ...named].join(", ") || "nothing stands open";
}

// What `/status?collection=` tells, below the row of the collection.
function detailNode() {
  const lasting = el("p");
  const passes = el("ol", { class: "past" });
  const refused = el("ul", { class: "past" });
  const title = el("h3", {}, "In quarantine");
  const node = el("td", { colspan: columns.length }, lasting, el("h3", {}, "The last passes"), passes, title, refused);
  node.show = (collection) => {
    say(lasting, lastingText(collection));
    lines(passes, collection.passes.map(passText));
    title.hidden = refused.hidden = collection.quarantine.length === 0;
    lines(refused, collection.quarantine.map((one) => `${one.id}: ${one.status} ${one.reason}; refused for ${span(one.for)}, `
      + `tried ${number(one.tries)} times, again in ${span(one.next_try)}`));
  };
  return node;
}

async function showDetail(detail, replica, id) {
  const status = await ask(`/status?collection=${encodeURIComponent(id)}`);
  const [found] = status.replicas.find((one) => one.name === replica).collections;
  if (found) detail.show(found);
}

function rowNode(replica, id) {
  const name = el("button", { type: "button", class: "open", "aria-expanded": "false" }, id);
  const state = el("span");
  const cells = columns.slice(2).map((title) => el("td", { "data-name": title,
    class: ["lag", "master", "replica", "quarantined"].includes(title) ? "number" : "" }));
  const detail = detailNode();
  const below = el("tr", { class: "detail", hidden: "" }, detail);
  const row = el("tr", { class: "row" }, el("td", {}, name), el("td", { "data-name": "state" }, state), ...cells);
  const node = el("tbody", {}, row, below);
  const refresh = () => showDetail(detail, replica, id).catch((error) => say(detail.firstChild, error.message));
  name.addEventListener("click", () => {
    below.hidden = !below.hidden;
    name.setAttribute("aria-expanded", String(!below.hidden));
    if (!below.hidden) refresh();
  });
  node.show = (one) => {
    badge(state, one.state, kindOf(one.state));
    const last = one.last_pass ? `${one.last_pass.kind}, ${span(one.last_pass.ago)} ago` : "-";
    const texts = [span(one.lag), number(one.master), number(one.replica), number(one.quarantined), last, span(one.next_audit)];
    texts.forEach((text, index) => say(cells[index], text));
    if (!below.hidden) refresh();
  };
  return node;
}

function tableNode(replica) {
  const search = el("input", { type: "search", "aria-label": `collections of ${replica} that hold`, placeholder: "filter" });
  const open = el("input", { type: "checkbox" });
  const more = el("p", { class: "soft" });
  const head = el("thead", {}, el("tr", {}, ...columns.map((title) => el("th", { scope: "col" }, title))));
  const table = el("table", {}, head);
  const node = el("div", {}, el("p", { class: "filter" }, search, el("label", {}, open, " only what is not in sync")), table, more);
  let known = [];
  const draw = () => {
    const wanted = known.filter((one) => one.id.includes(search.value) && !(open.checked && one.state === "in-sync"));
    keep(table, wanted.slice(0, mostRows), (one) => one.id, (one) => rowNode(replica, one.id));
    const left = wanted.length - mostRows;
    say(more, left > 0 ? `and ${number(left)} more: narrow the filter` : wanted.length === 0 ? "none" : "");
  };
  search.addEventListener("input", draw);
  open.addEventListener("change", draw);
  node.show = (collections) => {
    known = collections;
    draw();
  };
  return node;
}
