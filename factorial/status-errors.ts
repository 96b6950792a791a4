import { DomainError, type ErrorDetails } from '../domain/errors.ts';
import type { Answer } from './transport.ts';
import { announcedWait, waitAfterLimit } from './retry-after.ts';

/**
 * What an answer other than 2xx means, by its status alone: Factorial documents no error bodies.
 * `subject` completes the sentences: "absence types". A 404 or 403 of a whole collection means "not permitted", never "no data".
 */
export function errorForStatus(
  answer: Pick<Answer, 'status' | 'headers'>,
  subject: string,
  details: ErrorDetails = {},
): DomainError {
  const { status, headers } = answer;
  const facts = { ...details, status };
  if (status === 401)
    return new DomainError('token_refused', 'Factorial refuses the access token (status 401).', facts);
  if (status === 403) {
    return new DomainError(
      'permission_missing',
      `Factorial does not permit this connection to use ${subject} (status 403).`,
      facts,
    );
  }
  if (status === 404) {
    return new DomainError(
      'factorial_not_found',
      `Factorial does not know the ${subject} asked for, or does not show them (status 404).`,
      facts,
    );
  }
  if (status === 429) {
    const retryAfterMs = waitAfterLimit(headers, Date.now());
    const sentence = `Factorial asks for fewer requests (status 429); the next try is in ${Math.ceil(retryAfterMs / 1000)} s.`;
    return new DomainError('rate_limited', sentence, { ...facts, retryAfterMs });
  }
  if (status >= 400 && status < 500 && status !== 408 && status !== 425) {
    return new DomainError(
      'factorial_rejected',
      `Factorial rejects the request for ${subject} (status ${status}).`,
      facts,
    );
  }
  // 5xx, 408 and 425 pass. A redirect is a proxy or a page of maintenance, and is never followed.
  const retryAfterMs = announcedWait(headers, Date.now());
  return new DomainError(
    'factorial_unreachable',
    `Factorial cannot answer for ${subject} now (status ${status}).`,
    {
      ...facts,
      ...(retryAfterMs !== null && { retryAfterMs }),
    },
  );
}
