import { createCipheriv, createDecipheriv, hash, randomBytes } from 'node:crypto';

/** A key of the ring: 32 bytes with the id that its ciphertexts carry. */
export interface EncryptionKey {
  readonly id: string;
  readonly key: Uint8Array;
}

/** Where a ciphertext lives: it cannot be read from another tenant's row or from another column. */
export interface CipherPlace {
  readonly tenantId: string;
  /** `table.column`. */
  readonly column: string;
}

export interface Cipher {
  encrypt(plain: string, place: CipherPlace): string;
  /** Fails when the key is not in the ring, or when the text was made for another place or changed. */
  decrypt(text: string, place: CipherPlace): string;
}

const version = 'v1';
const ivBytes = 12; // as NIST SP 800-38D advises for GCM
const tagBytes = 16;

/** AES-256-GCM with a key ring: the first key encrypts, all decrypt. The place is bound in as associated data. */
export function createCipher(ring: readonly EncryptionKey[]): Cipher {
  const [first] = ring;
  if (first === undefined) throw new Error('The key ring is empty: ENCRYPTION_KEYS needs at least one key.');
  const keys = new Map(ring.map((one) => [one.id, one.key]));
  return {
    encrypt(plain, place) {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv('aes-256-gcm', first.key, iv).setAAD(associated(place));
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return [version, first.id, Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')].join(
        '.',
      );
    },
    decrypt(text, place) {
      const [format, keyId, payload] = text.split('.');
      const key = keys.get(keyId ?? '');
      if (format !== version || payload === undefined)
        throw new Error(`Ciphertext in ${place.column} has an unknown form.`);
      if (key === undefined)
        throw new Error(`ENCRYPTION_KEYS lacks the key «${keyId ?? ''}» that ${place.column} needs.`);
      const bytes = Buffer.from(payload, 'base64url');
      // A shortened tag would be easier to forge, and is refused.
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes), {
        authTagLength: tagBytes,
      });
      decipher.setAAD(associated(place)).setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
      return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString(
        'utf8',
      );
    },
  };
}

const associated = (place: CipherPlace): Buffer =>
  Buffer.from(JSON.stringify([place.tenantId, place.column]));

/** SHA-256 in hex: for secrets that are only ever compared. */
export const hashSecret = (secret: string): string => hash('sha256', secret, 'hex');

/** 256 random bits for keys, challenges and states; safe in a URL. */
export const newSecret = (): string => randomBytes(32).toString('base64url');
