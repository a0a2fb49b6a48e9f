"use strict";
// Making and keeping nodes. What a server said goes into text and into values of attributes, and never into markup.

function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function svg(tag, attributes = {}) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

const by = (id) => document.getElementById(id);

// What has not changed is left alone, with the focus and the selection that are in it.
function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function badge(node, text, kind) {
  say(node, text);
  const wanted = `badge ${kind}`;
  if (node.className !== wanted) node.className = wanted;
}

// One child for each item, in their order: `make(item)` gives a node with a function `show(item)`. The node of a key stays
// the same for as long as there is an item with this key. Other children stay before them.
function keep(parent, items, keyOf, make) {
  parent.kept ??= new Map();
  const kept = parent.kept;
  const keys = new Set(items.map(keyOf));
  for (const [key, node] of kept) {
    if (keys.has(key)) continue;
    node.remove();
    kept.delete(key);
  }
  const ours = new Set(kept.values());
  let next = [...parent.children].find((node) => ours.has(node)) ?? null;
  for (const item of items) {
    const key = keyOf(item);
    if (!kept.has(key)) kept.set(key, make(item));
    const node = kept.get(key);
    if (node === next) next = next.nextElementSibling;
    else parent.insertBefore(node, next);
    node.show(item);
  }
}

// Lines of text, one node each.
function lines(parent, texts) {
  keep(parent, texts.map((text, index) => ({ text, index })), (one) => one.index, () => {
    const node = el("li");
    node.show = (one) => say(node, one.text);
    return node;
  });
}

const number = (value) => value.toLocaleString("en");

// 95 -> "1m35s"; null: not known.
function span(seconds) {
  if (seconds === null || seconds === undefined) return "-";
  const whole = Math.round(seconds);
  const parts = [[Math.floor(whole / 86400), "d"], [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "m"], [whole % 60, "s"]];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return "0s";
  return parts.slice(first, first + 2).filter(([count]) => count > 0).map(([count, unit]) => count + unit).join("");
}

// For a POSIX shell, as the daemon itself writes commands.
function shellWord(text) {
  if (/^[A-Za-z0-9_\-./:@%+,=]+$/.test(text)) return text;
  return `'${text.replaceAll("'", "'\\''")}'`;
}
