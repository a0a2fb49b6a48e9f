// A curve over the last hour at most, with what it says in words: { title, unit, points: [[time in ms, value]], now }.

const plotWidth = 600;
const plotHeight = 100;

function rounded(value) {
  return number(value >= 10 ? Math.round(value) : Math.round(10 * value) / 10);
}

function curveOf(points, from, now, most) {
  const x = (time) => ((time - from) / Math.max(1, now - from)) * plotWidth;
  const y = (value) => plotHeight - 4 - (value / Math.max(most, 1)) * (plotHeight - 12);
  return points.map(([time, value]) => `${x(time).toFixed(1)},${y(value).toFixed(1)}`);
}

function plot() {
  const title = el("strong");
  const words = el("span");
  const area = svg("polygon", { class: "area" });
  const curve = svg("polyline", { class: "curve" });
  const picture = svg("svg", { viewBox: `0 0 ${plotWidth} ${plotHeight}`, preserveAspectRatio: "none", role: "img" });
  picture.append(area, curve);
  const begin = el("span");
  const ends = el("div", { class: "ends" }, begin, el("span", {}, "now"));
  const node = el("figure", {}, el("figcaption", {}, title, " ", words), picture, ends);
  node.show = ({ title: name, unit, points, now }) => {
    say(title, name);
    const enough = points.length > 1;
    const values = points.map(([, value]) => value);
    const most = Math.max(0, ...values);
    const last = values.at(-1) ?? 0;
    const summary = enough ? `now ${rounded(last)} ${unit}, most ${rounded(most)} ${unit}` : "no history yet";
    say(words, summary);
    picture.setAttribute("aria-label", `${name}: ${summary}`);
    const from = enough ? points[0][0] : now;
    say(begin, enough ? `${span((now - from) / 1000)} ago` : "");
    const curved = enough ? curveOf(points, from, points.at(-1)[0], most) : [];
    curve.setAttribute("points", curved.join(" "));
    area.setAttribute("points", enough ? `0,${plotHeight} ${curved.join(" ")} ${plotWidth},${plotHeight}` : "");
  };
  return node;
}

// Counts since the sample before become a rate; the first sample has none before it.
function rates(at, counts) {
  return counts.slice(1).map((count, index) => [at[index + 1], (1000 * count) / Math.max(1, at[index + 1] - at[index])]);
}

function plotsOfMaster(history) {
  const { at, now, master } = history;
  return [{ title: "requests", unit: "/s", points: rates(at, master.requests ?? []), now }];
}

function plotsOfReplica(history, name) {
  const { at, now } = history;
  const found = history.replicas.find((one) => one.name === name);
  const { lag, written, requests } = found ?? { lag: [], written: [], requests: [] };
  return [
    { title: "lag", unit: "s", points: lag.map((value, index) => [at[index], value]), now },
    { title: "records written", unit: "/s", points: rates(at, written), now },
    { title: "requests", unit: "/s", points: rates(at, requests), now },
  ];
}
