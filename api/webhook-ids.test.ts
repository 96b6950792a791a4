import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readDelivery } from './webhook-ids.ts';

/** Whatever people write, names with marks and emoji included. */
const text = fc.string({ unit: 'binary', maxLength: 20 });
const bytesOf = (value: unknown, mark = ''): Buffer => Buffer.from(mark + JSON.stringify(value));

it('reads the same of a delivery whatever texts it carries', () => {
  fc.assert(
    fc.property(text, text, fc.constantFrom('', '\uFEFF'), (key, value, mark) => {
      const body = { [`x${key}`]: value, id: '7', updated_at: '2026-11-01T08:00:00.000Z', name: value };

      expect(readDelivery(bytesOf(body, mark))).toEqual({
        resources: [{ id: '7', updatedAt: new Date('2026-11-01T08:00:00.000Z') }],
        hasUnreadable: false,
      });
    }),
  );
});

it.each(['é', '７', '1\u00a0', '\u{1F600}'])('takes %j for no id: ids are plain characters', (id) => {
  expect(readDelivery(bytesOf({ id }))).toEqual({ resources: [], hasUnreadable: true });
});

it.each([
  ['cut in the middle of a character', Buffer.from('{"id":"7","name":"é"}').subarray(0, -3)],
  ['that are no UTF-8', Buffer.from('{"id":"7","name":"é"}', 'latin1')],
  ['with a space of another kind', Buffer.from('{"id":\u00a07}')],
])('calls bytes %s no JSON', (_what, bytes) => {
  expect(readDelivery(bytes)).toBeNull();
});
