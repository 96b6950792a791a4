import type { Company } from '../company.ts';
import type { Application } from '../world.ts';
import type { AuthorizeRequest } from './authorize.ts';

export function consentPage(
  { application, scopes, redirectUri }: { application: Application; scopes: string[]; redirectUri: string },
  request: AuthorizeRequest,
  companies: readonly Company[],
): string {
  const hidden = Object.entries(request)
    .filter(([name, value]) => value !== undefined && !(name === 'company_id' && companies.length > 1))
    .map(([name, value]) => `<input type="hidden" name="${escape(name)}" value="${escape(String(value))}">`);
  const owner = request.resource_owner_type === 'company' ? 'the whole company' : 'your own account';
  return page(
    `Authorize ${application.name}`,
    `<h1>Authorize <strong>${escape(application.name)}</strong>?</h1>
<p>It asks for access to ${owner}:</p>
<ul>${scopes.map((scope) => `<li>${escape(scope)}</li>`).join('')}</ul>
<p>You will be sent back to <code>${escape(redirectUri)}</code>.</p>
<form method="post" action="/oauth/authorize">
${hidden.join('\n')}
${companySelect(companies, request.company_id)}
<button type="submit" name="decision" value="approve" id="approve">Approve</button>
<button type="submit" name="decision" value="deny" id="deny">Deny</button>
</form>`,
  );
}

export function errorPage(message: string): string {
  return page('An error has occurred', `<h1>An error has occurred</h1><p>${escape(message)}</p>`);
}

export function codePage(code: string): string {
  return page(
    'Authorization code',
    `<h1>Authorization code</h1><code id="authorization_code">${escape(code)}</code>`,
  );
}

function companySelect(companies: readonly Company[], chosen: string | undefined): string {
  if (companies.length < 2) return '';
  const options = companies.map(
    ({ id, name }) =>
      `<option value="${escape(id)}"${id === chosen ? ' selected' : ''}>${escape(name)}</option>`,
  );
  return `<p><label>Company <select name="company_id">${options.join('')}</select></label></p>`;
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem}button{font:inherit;padding:.4rem 1.2rem;margin-right:.6rem}</style>
</head><body>${body}</body></html>`;
}

function escape(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
