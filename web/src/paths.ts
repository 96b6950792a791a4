/** The addresses of our screens, below `basePath`. The API answers these with the page: api/plugins/web.ts. */
export const paths = {
  integrations: '/integrations',
  wizard: '/integrations/factorial/connect',
  settings: (tab: string) => `/integrations/factorial/settings/${tab}`,
} as const;

/** The path of PUBLIC_URL, without a slash at its end. */
export function basePath(): string {
  return new URL(document.baseURI).pathname.replace(/\/+$/, '');
}
