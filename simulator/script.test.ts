import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseScript } from './script.ts';
import { createSimulator, type Simulator } from './server.ts';
import { createPeer } from './support/testing.ts';

let simulator: Simulator;
let peer: ReturnType<typeof createPeer>;

beforeEach(() => {
  simulator = createSimulator({ seed: { people: 3, absences: 5 } });
  peer = createPeer(simulator);
});
afterEach(() => simulator.close());

const play = (script: string) => peer.control('POST', 'play', { script });

describe('a script', () => {
  it('is played line by line, naming rows by position and days by their distance from today', async () => {
    const { today } = await peer.control('GET', 'state');

    const { played } = await play(`
      # One comes, takes a day off, and gets it.
      {"path":"employees","body":{"first_name":"Ana","location_id":"$locations[1]"}}
      {"path":"leaves","body":{"employee_id":"$employees[3]","start_on":"$today+2","leave_type":"holiday"}}
      {"path":"leaves/$leaves[5]/approve"}

      {"method":"PUT","path":"employees/$employees[0]","body":{"terminated_on":"$today"}}
    `);

    const leaves = await peer.control('GET', 'leaves');
    const [first, , , ana] = await peer.control('GET', 'employees');
    const [, second] = await peer.control('GET', 'locations');
    expect(played).toBe(4);
    expect(ana).toMatchObject({ first_name: 'Ana', location_id: second.id });
    expect(leaves.at(-1)).toMatchObject({ employee_id: ana.id, approved: true });
    expect(Date.parse(leaves.at(-1).start_on) - Date.parse(today)).toBe(2 * 86_400_000);
    expect(first.terminated_on).toBe(today);
  });

  it.each([
    ['{"path":"employees"', 'line 1 is not JSON'],
    ['\n{"path":"employees","colour":"red"}', 'line 2'],
    ['{"path":"leaves/$leaves[99]/approve"}', 'line 1: $leaves[99] names nothing'],
    ['{"path":"employees","body":{"salary":1}}', 'line 1: POST /control/employees answered 400'],
    ['{"path":"play","body":{"script":""}}', 'line 1: a script plays no script'],
  ])('says which line is wrong: %s', async (script, message) => {
    await expect(play(script)).rejects.toThrow(message);
  });

  it('is what was done, written down, and gives the same on another simulator', async () => {
    const { company } = await peer.control('POST', 'companies', {
      name: 'Story',
      people: 4,
      absences: 12,
      seed: 7,
    });
    const here = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) =>
      peer.control(method, `${path}${path.includes('?') ? '&' : '?'}company_id=${company.id}`, body);
    const [one, two] = await here('GET', 'employees');
    const [type] = await here('GET', 'leave_types');
    const leave = await here('POST', 'leaves', {
      employeeId: two.id,
      leaveTypeId: type.id,
      start_on: '2026-12-01',
    });
    await here('DELETE', `leaves/${(await here('GET', 'leaves'))[2].id}?vanish=true`);
    await here('POST', `leaves/${leave.id}/approve`);
    await here('POST', `employees/${one.id}/terminate`, { terminated_on: '2026-12-31' });
    await here('PUT', 'permissions', { hidden_employee_ids: [one.id] });
    await expect(here('POST', 'employees', { salary: 1 })).rejects.toThrow('400');

    const script = (await simulator.app.inject(`/control/script?company_id=${company.id}`)).body;
    const other = createSimulator({ seed: { people: 8, absences: 3 } });
    const again = createPeer(other);
    const { company_id: otherId } = await again.control('POST', 'play', { script });

    const shape = (rows: { id: string }[], field: string) =>
      rows.map((row) => (row as Record<string, unknown>)[field]);
    for (const [table, field] of [
      ['leaves', 'start_on'],
      ['leaves', 'approved'],
      ['employees', 'terminated_on'],
    ] as const) {
      const theirs = await again.control('GET', `${table}?company_id=${otherId}`);
      expect(shape(theirs, field)).toEqual(shape(await here('GET', table), field));
    }
    expect(parseScript(script).map(({ call }) => call.path)).toEqual([
      'companies',
      'leaves',
      'leaves/$leaves[2]?vanish=true',
      'leaves/$leaves[11]/approve',
      'employees/$employees[0]/terminate',
      'permissions',
    ]);
    expect(script).not.toContain(two.id);
    await other.close();
  });
});

describe('npm run simulator -- --play', () => {
  const folder = mkdtempSync(join(tmpdir(), 'workmeter-script-'));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('plays the file before it says that it is ready', async () => {
    const file = join(folder, 'story.jsonl');
    writeFileSync(file, '{"path":"employees","body":{"first_name":"Ana"}}\n');
    const child = spawn(process.execPath, ['--import', 'tsx', 'simulator/main.ts', '--play', file], {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      env: { SIMULATOR_PORT: '0' },
    });

    try {
      const line = await new Promise<string>((resolve, reject) => {
        child.stdout.once('data', (data) => resolve(String(data)));
        child.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
      });
      const { url, played } = JSON.parse(line) as { url: string; played: number };
      const employees = (await (await fetch(`${url}/control/employees`)).json()) as { first_name: string }[];

      expect(played).toBe(1);
      expect(employees.at(-1)?.first_name).toBe('Ana');
    } finally {
      child.removeAllListeners('exit');
      child.kill('SIGTERM');
    }
  });
});
