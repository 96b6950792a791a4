import { compareIds } from './ids.ts';

/** Index of the first row whose id is not below `id`, in rows sorted by id. */
export function lowerBound(
  rows: readonly { id: string }[],
  id: string,
  compare: (left: string, right: string) => number = compareIds,
): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(rows[middle]?.id ?? '', id) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The rows of one table, sorted by id, found by id at once. `revision` grows with every change. */
export class Collection<Row extends { id: string }> {
  readonly #rows: Row[] = [];
  readonly #byId = new Map<string, Row>();
  #revision = 0;

  get revision(): number {
    return this.#revision;
  }

  get size(): number {
    return this.#rows.length;
  }

  all(): readonly Row[] {
    return this.#rows;
  }

  get(id: string): Row | undefined {
    return this.#byId.get(id);
  }

  /** The rows of these ids in id order; unknown and repeated ids are dropped. */
  pick(ids: Iterable<string>): Row[] {
    const found: Row[] = [];
    for (const id of new Set(ids)) {
      const row = this.#byId.get(id);
      if (row !== undefined) found.push(row);
    }
    return found.sort((left, right) => compareIds(left.id, right.id));
  }

  add(row: Row): Row {
    this.#byId.set(row.id, row);
    const last = this.#rows.at(-1);
    if (last === undefined || compareIds(last.id, row.id) < 0) this.#rows.push(row);
    else this.#rows.splice(lowerBound(this.#rows, row.id), 0, row);
    this.#revision += 1;
    return row;
  }

  update(row: Row, patch: Partial<Row>): Row {
    Object.assign(row, patch);
    this.#revision += 1;
    return row;
  }

  remove(id: string): Row | undefined {
    const row = this.#byId.get(id);
    if (row === undefined) return undefined;
    this.#byId.delete(id);
    this.#rows.splice(lowerBound(this.#rows, id), 1);
    this.#revision += 1;
    return row;
  }

  clear(): void {
    this.#byId.clear();
    this.#rows.length = 0;
    this.#revision += 1;
  }
}
