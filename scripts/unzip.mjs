import { inflateRawSync } from 'node:zlib';

const endOfDirectory = 0x06054b50;
const directoryEntry = 0x02014b50;
const localHeaderBytes = 30;

/**
 * The content of the first file in a zip whose name `matches`, or null. Enough for wheels: stored or deflated, below
 * 4 GB, not encrypted.
 */
export function readFromZip(zip, matches) {
  for (const entry of entries(zip)) {
    if (!matches(entry.name)) continue;
    const nameBytes = zip.readUInt16LE(entry.offset + 26);
    const extraBytes = zip.readUInt16LE(entry.offset + 28);
    const start = entry.offset + localHeaderBytes + nameBytes + extraBytes;
    const packed = zip.subarray(start, start + entry.packedBytes);
    return entry.method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: entry.bytes });
  }
  return null;
}

function* entries(zip) {
  let end = zip.length - 22;
  while (end >= 0 && zip.readUInt32LE(end) !== endOfDirectory) end -= 1;
  if (end < 0) throw new Error('not a zip file');
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (zip.readUInt32LE(at) !== directoryEntry) throw new Error('damaged zip file');
    const nameBytes = zip.readUInt16LE(at + 28);
    yield {
      name: zip.toString('utf8', at + 46, at + 46 + nameBytes),
      method: zip.readUInt16LE(at + 10),
      packedBytes: zip.readUInt32LE(at + 20),
      bytes: zip.readUInt32LE(at + 24),
      offset: zip.readUInt32LE(at + 42),
    };
    at += 46 + nameBytes + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
}
