import { randomBytes } from 'node:crypto';
import type { DenialWarning } from '../domain/denials.ts';

/** What the page tells the wizard, over `postMessage` and over the BroadcastChannel `factorial` (contract.md 1). */
export interface CallbackMessage {
  readonly source: 'factorial';
  readonly outcome: 'received' | 'denied' | 'failed';
  /** Why not; null when the code was received. */
  readonly code: DenialWarning | 'authorization_expired' | 'invalid_request' | null;
}

interface PageText {
  readonly title: string;
  readonly text: string;
}

const texts: Record<NonNullable<CallbackMessage['code']> | 'received' | 'unavailable', PageText> = {
  received: {
    title: 'Factorial is being connected',
    text: 'You can close this window and go on in WorkMeter.',
  },
  authorization_denied: {
    title: 'The authorization was denied in Factorial.',
    text: 'Nothing was connected. Close this window and try again in WorkMeter.',
  },
  scopes_missing: {
    title: 'The Factorial application lacks a permission',
    text: 'Tick Employees, Time off, Time tracking and Company holidays in it. Then close this window and try again in WorkMeter.',
  },
  credentials_invalid: {
    title: 'Factorial does not accept this application',
    text: 'Nothing was connected. Close this window and compare the Client ID in WorkMeter with the one in Factorial.',
  },
  factorial_unreachable: {
    title: 'Factorial could not carry out the authorization',
    text: 'Nothing was connected. Close this window and try again in WorkMeter in a few minutes.',
  },
  authorization_expired: {
    title: 'The authorization has expired',
    text: 'Close this window and click Connect with Factorial again in WorkMeter.',
  },
  invalid_request: {
    title: 'This authorization is not known',
    text: 'Close this window and click Connect with Factorial again in WorkMeter. Support: https://help.workmeter.com',
  },
  unavailable: {
    title: 'WorkMeter cannot answer right now',
    text: 'Nothing is lost: wait a moment and reload this page.',
  },
};

/**
 * The page that Factorial sends the browser back to. It reads without scripts; its one small script tells the window that
 * opened it, at `origin` only. Nothing of the request is repeated in it. Goes with the policy that names its nonce.
 * Without a message it could not be looked at what came: a reload does, and the wizard waits on.
 */
export function callbackPage(
  message: CallbackMessage | null,
  origin: string,
): { html: string; policy: string } {
  const nonce = randomBytes(16).toString('base64');
  const { title, text } = texts[message === null ? 'unavailable' : (message.code ?? 'received')];
  const script = message === null ? '' : scriptOf(message, origin, nonce);
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style nonce="${nonce}">body{font:1rem/1.5 system-ui,sans-serif;margin:20vh auto 0;max-width:30rem;padding:0 1rem}</style>
</head>
<body>
<main><h1>${title}</h1><p>${text}</p></main>
${script}</body>
</html>
`;
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return { html, policy };
}

function scriptOf(message: CallbackMessage, origin: string, nonce: string): string {
  return `<script nonce="${nonce}">
(function () {
  var message = ${JSON.stringify(message)};
  try { if (window.opener) window.opener.postMessage(message, ${JSON.stringify(origin)}); } catch (e) {}
  try { var channel = new BroadcastChannel('factorial'); channel.postMessage(message); channel.close(); } catch (e) {}
})();
</script>
`;
}
