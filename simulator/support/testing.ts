import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Simulator } from '../server.ts';

export const CLIENT = { client_id: 'workmeter-demo', client_secret: 'workmeter-demo-secret' };
export const REDIRECT_URI = 'http://127.0.0.1:3000/api/Integration/factorial/Callback';
const ALL_SCOPES = ['employees', 'time_off', 'time_tracking', 'company_holidays', 'company_locations'];

export interface Tokens {
  access_token: string;
  refresh_token?: string | null;
  expires_in?: number | null;
  scope?: string;
}

/** Speaks to a simulator as a client and through its control interface, without a network. */
export function createPeer({ app }: Pick<Simulator, 'app'>) {
  async function control(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) {
    const response = await app.inject({
      method,
      url: `/control/${path}`,
      ...(body === undefined ? {} : { payload: body }),
    });
    if (response.statusCode >= 400)
      throw new Error(`${method} ${path}: ${response.statusCode} ${response.body}`);
    return response.json();
  }

  const form = (path: string, params: Record<string, string>) =>
    app.inject({
      method: 'POST',
      url: path,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams(params).toString(),
    });

  async function consent(params: Record<string, string> = {}): Promise<string> {
    const { location } = await control('POST', 'consent', {
      ...CLIENT,
      client_secret: undefined,
      redirect_uri: REDIRECT_URI,
      ...params,
    });
    return new URL(location).searchParams.get('code') ?? '';
  }

  const exchange = (code: string) =>
    form('/oauth/token', { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI, ...CLIENT });

  const refresh = (refreshToken: string) =>
    form('/oauth/token', { grant_type: 'refresh_token', refresh_token: refreshToken, ...CLIENT });

  return {
    control,
    form,
    consent,
    exchange,
    refresh,
    /** Registers the redirect URI and consents; a company token unless said otherwise. */
    async connect(params: Record<string, string> = { resource_owner_type: 'company' }): Promise<Tokens> {
      await control('POST', 'applications', {
        client_id: CLIENT.client_id,
        redirect_uris: [REDIRECT_URI],
        scopes: ALL_SCOPES,
      });
      return (await exchange(await consent(params))).json();
    },
    get: (token: string, path: string, version = '2026-10-01') =>
      app.inject({ url: `/api/${version}/resources/${path}`, headers: { authorization: `Bearer ${token}` } }),
    send: (
      method: 'POST' | 'PUT' | 'DELETE',
      token: string,
      path: string,
      body?: object,
      version = '2026-10-01',
    ) =>
      app.inject({
        method,
        url: `/api/${version}/resources/${path}`,
        headers: { authorization: `Bearer ${token}` },
        ...(body === undefined ? {} : { payload: body }),
      }),
  };
}

export interface Received {
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** A server that keeps what it receives and answers with `status()`, once `ready()` has come. */
export async function startReceiver(
  status: () => number = () => 200,
  ready: () => Promise<void> = () => Promise.resolve(),
) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, body });
      void ready().then(() => response.writeHead(status()).end());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    received,
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
