// Says what is going on while it takes longer than a person likes to wait in silence.

const firstAfterMs = 2_000;
const thenEveryMs = 4_000;

/** Runs `work`; after two seconds, and every few seconds from then on, a line on stderr says what runs and for how long. */
export async function withProgress(what, work) {
  const startedAt = Date.now();
  let timer = setTimeout(tick, firstAfterMs);
  let told = false;
  function tick() {
    told = true;
    process.stderr.write(`· ${what} … ${seconds(startedAt)}\n`);
    timer = setTimeout(tick, thenEveryMs);
  }
  try {
    const result = await work();
    if (told) process.stderr.write(`✓ ${what} (${seconds(startedAt)})\n`);
    return result;
  } finally {
    clearTimeout(timer);
  }
}

function seconds(startedAt) {
  return `${((Date.now() - startedAt) / 1000).toFixed(0)} s`;
}
