export default async function globalTeardown() {
  await globalThis.workmeterTestServers?.stop();
}
