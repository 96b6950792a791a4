/** What the details of problems say, taken apart so that it can be said in another language. */

export interface WrongField {
  /** Where it is, from the outside: `['deletionBrake', 'percent']`. */
  readonly path: readonly string[];
  /** E.g. `must not be empty`, in English. */
  readonly why: string;
}

/** The fields that an `invalid_request` names: `body.name: must not be blank; query.limit: …`. */
export function wrongFields(detail: string): WrongField[] {
  return detail.split('; ').flatMap((part) => {
    const [, path, why] = /^(?:body|query|params)\.([\w.]+): (.+)$/.exec(part) ?? [];
    return path === undefined || why === undefined ? [] : [{ path: path.split('.'), why }];
  });
}

/** Whom an `already_linked` names; null where it names nobody. */
export function linkedToName(detail: string): string | null {
  return /^Already linked to (.+)$/s.exec(detail)?.[1] ?? null;
}
