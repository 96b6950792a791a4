let swap;

export function initialize(data) {
  swap = data;
}

/** Whoever imports the file gets its changed copy. */
export async function resolve(specifier, context, nextResolve) {
  const resolved = await nextResolve(specifier, context);
  return resolved.url.split('?')[0] === swap.file ? { ...resolved, url: swap.copy } : resolved;
}
