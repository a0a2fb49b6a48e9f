// Kinto's own client for browsers, driven by lines of JSON: {"sync": URL} or {"list": true} on stdin, one answer for each
// on stdout. The arguments are the bucket and the collection. Its store is in memory.
"use strict";
require("fake-indexeddb/auto");
const readline = require("node:readline");
const Kinto = require("kinto").default;

const [bucket, name] = process.argv.slice(2);
const collection = new Kinto({ bucket }).collection(name);

async function sync(remote) {
  try {
    const done = await collection.sync({ remote });
    return {
      ok: done.ok,
      problem: done.ok ? null : JSON.stringify([done.errors, done.conflicts]),
      stamp: done.lastModified,
      changes: done.created.length + done.updated.length + done.deleted.length,
    };
  } catch (error) {
    return { ok: false, problem: `${error.constructor.name}: ${error.message}`, stamp: null, changes: 0 };
  }
}

// What the page itself would see: not the client's own `_status`.
async function list() {
  const { data } = await collection.list();
  return data.map(({ _status, ...record }) => record);
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const asked = JSON.parse(line);
    const answer = asked.sync ? await sync(asked.sync) : await list();
    process.stdout.write(JSON.stringify(answer) + "\n");
  }
})();
