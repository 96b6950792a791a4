// Cleans up after a process that died without doing so itself (SIGKILL, a crash): reads lines of JSON on stdin,
// `{"watch": pid, "signal": "SIGINT"}`, `{"unwatch": pid}`, `{"remove": path}`, and when stdin ends stops the process
// groups that are still watched and removes the paths. Started by stack/guardian.ts as its own process group.
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const graceMs = 8_000;
const watched = new Map();
const paths = new Set();

// Ctrl-C at the terminal is for the process we guard, not for us.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  if (message.watch) watched.set(message.watch, message.signal);
  if (message.unwatch) watched.delete(message.unwatch);
  if (message.remove) paths.add(message.remove);
}

for (const [pid, signal] of watched) send(pid, signal);
for (const deadline = Date.now() + graceMs; Date.now() < deadline && [...watched.keys()].some(isAlive);)
  await sleep(100);
for (const pid of watched.keys()) send(pid, 'SIGKILL');
for (const path of paths) rmSync(path, { recursive: true, force: true, maxRetries: 3 });

/** To the whole group, so that what the process started itself ends too. */
function send(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // Gone already.
  }
}

function isAlive(pid) {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}
