import { defineConfig } from 'prisma/config';

/** Prisma's own settings; the database's address reaches the client through its adapter, never from here. */
export default defineConfig({ schema: 'prisma/schema.prisma', migrations: { path: 'prisma/migrations' } });
