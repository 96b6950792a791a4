import type { FastifyInstance } from 'fastify';
import type { ControlCall } from '../faults.ts';
import { resolveCall } from '../script.ts';
import { firstCompany, type World } from '../world.ts';

/**
 * Makes one call of the control interface from inside, on one company or on the first one. What it names by position or by
 * distance from today is looked up now. Throws, with the answer, where the call is refused.
 */
export async function callControl(
  app: FastifyInstance,
  world: World,
  call: ControlCall,
  companyId?: string,
): Promise<unknown> {
  const company = world.companies.get(companyId ?? '') ?? firstCompany(world);
  const { method, path, body } = resolveCall(call, company, world.clock.today());
  const ofCompany = companyId === undefined ? '' : `${path.includes('?') ? '&' : '?'}company_id=${companyId}`;
  const response = await app.inject({
    method,
    url: `/control/${path}${ofCompany}`,
    ...(body === undefined ? {} : { payload: body }),
  });
  if (response.statusCode >= 400)
    throw new Error(`${method} /control/${path} answered ${response.statusCode}: ${response.body}`);
  return response.json();
}
