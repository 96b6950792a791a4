/** Ends a request with this status; `errors` becomes the value of the body's `errors`. */
export class ApiError extends Error {
  readonly status: number;
  readonly errors: unknown;
  readonly headers: Record<string, string>;

  constructor(status: number, errors: unknown = null, headers: Record<string, string> = {}) {
    super(`answered with ${status}`);
    this.status = status;
    this.errors = errors;
    this.headers = headers;
  }
}

export const badRequest = (message: string) => new ApiError(400, [message]);
export const notFound = () => new ApiError(404, null);
/** A 422; the switch `validationErrors` decides whether the field is named apart. */
export const invalid = (field: string, message: string) => new ApiError(422, { [field]: [message] });
