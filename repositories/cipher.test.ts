import { describe, expect, it } from '@jest/globals';
import { createCipher, hashSecret, newSecret } from './cipher.ts';

const oldKey = { id: 'k1', key: new Uint8Array(32).fill(1) };
const newKey = { id: 'k2', key: new Uint8Array(32).fill(2) };
const place = { tenantId: 'acme', column: 'token_pairs.access_token' };
const cipher = createCipher([oldKey]);

describe('a ciphertext', () => {
  it.each(['a token', '', 'ñ · 日本語 · 🏖️', 'x'.repeat(10_000)])('of %j comes back as it was', (plain) => {
    expect(cipher.decrypt(cipher.encrypt(plain, place), place)).toBe(plain);
  });

  it('does not show its text, and is another one every time', () => {
    const texts = [cipher.encrypt('a token', place), cipher.encrypt('a token', place)];

    expect(texts[0]).not.toBe(texts[1]);
    for (const text of texts) {
      expect(text).not.toContain('a token');
      expect(text).not.toContain(Buffer.from('a token').toString('base64url'));
    }
  });

  it.each([
    ['another tenant', { ...place, tenantId: 'zeta' }],
    ['another column', { ...place, column: 'token_pairs.refresh_token' }],
    ['a place that reads alike', { tenantId: 'acme.token_pairs', column: 'access_token' }],
    ['a place that is written alike', { tenantId: 'acme","token_pairs', column: 'access_token' }],
  ])('cannot be read in the row of %s', (_whose, elsewhere) => {
    const text = cipher.encrypt('a token', place);

    expect(() => cipher.decrypt(text, elsewhere)).toThrow();
  });

  it('cannot be read once any of its bytes was changed', () => {
    const text = cipher.encrypt('a token', place);
    const [format = '', keyId = '', payload = ''] = text.split('.');
    const bytes = Buffer.from(payload, 'base64url');

    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
      const tampered = [format, keyId, changed.toString('base64url')].join('.');
      expect(() => cipher.decrypt(tampered, place)).toThrow();
    }
  });

  it.each([0, 1, 12, 20, 28])('cannot be read when cut to %i bytes', (length) => {
    const [format, keyId, payload = ''] = cipher.encrypt('a token', place).split('.');
    const cut = Buffer.from(payload, 'base64url').subarray(0, length).toString('base64url');

    expect(() => cipher.decrypt([format, keyId, cut].join('.'), place)).toThrow();
  });

  it.each(['', 'a token', 'v1.k1', 'v2.k1.AAAA'])('%j is refused with the name of its column', (text) => {
    expect(() => cipher.decrypt(text, place)).toThrow('token_pairs.access_token');
  });
});

describe('a key ring', () => {
  it('decrypts with every key and encrypts with the first', () => {
    const before = cipher.encrypt('a token', place);
    const rotated = createCipher([newKey, oldKey]);

    const after = rotated.encrypt('a token', place);

    expect(rotated.decrypt(before, place)).toBe('a token');
    expect(rotated.decrypt(after, place)).toBe('a token');
    expect(() => cipher.decrypt(after, place)).toThrow('k2');
  });

  it('names the key that it lacks, and the column that needs it', () => {
    const text = createCipher([newKey]).encrypt('a token', place);

    expect(() => cipher.decrypt(text, place)).toThrow(
      'ENCRYPTION_KEYS lacks the key «k2» that token_pairs.access_token needs.',
    );
  });

  it('does not take another key for one of the same id', () => {
    const text = cipher.encrypt('a token', place);

    expect(() => createCipher([{ ...newKey, id: 'k1' }]).decrypt(text, place)).toThrow();
  });

  it('does not take a text whose tag was cut short', () => {
    const [format, id, payload = ''] = cipher.encrypt('', place).split('.');
    const cut = Buffer.from(payload, 'base64url')
      .subarray(0, 12 + 4)
      .toString('base64url');

    expect(() => cipher.decrypt(`${format}.${id}.${cut}`, place)).toThrow();
  });

  it('needs a key', () => {
    expect(() => createCipher([])).toThrow('ENCRYPTION_KEYS');
  });
});

describe('a secret', () => {
  it('is compared by a hash that does not change', () => {
    expect(hashSecret('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it('has 256 bits, safe in a URL, and never comes twice', () => {
    const secrets = Array.from({ length: 100 }, newSecret);

    expect(new Set(secrets).size).toBe(100);
    for (const secret of secrets) expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });
});
