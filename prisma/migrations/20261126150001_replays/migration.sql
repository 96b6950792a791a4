-- CreateTable
CREATE TABLE "replays" (
    "tenant_id" TEXT NOT NULL,
    "id" UUID NOT NULL,
    "generation" INTEGER NOT NULL,
    "status" TEXT NOT NULL,
    "filter" JSONB NOT NULL,
    "actor" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "done" INTEGER NOT NULL DEFAULT 0,
    "succeeded" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "requested_at" TIMESTAMPTZ(3) NOT NULL,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "cancel_asked_at" TIMESTAMPTZ(3),

    CONSTRAINT "replays_pkey" PRIMARY KEY ("tenant_id","id")
);

-- What is not finished: few, and looked for by the supervisor.
CREATE INDEX "replays_unfinished" ON "replays" ("requested_at") WHERE "finished_at" IS NULL;

-- CreateTable
CREATE TABLE "replay_items" (
    "tenant_id" TEXT NOT NULL,
    "replay_id" UUID NOT NULL,
    "failure_id" UUID NOT NULL,
    "resource" TEXT NOT NULL,
    "factorial_id" TEXT NOT NULL,
    "outcome" TEXT,
    "code" TEXT,
    "message" TEXT,
    "done_at" TIMESTAMPTZ(3),

    CONSTRAINT "replay_items_pkey" PRIMARY KEY ("tenant_id","replay_id","failure_id")
);

-- The next ones to try.
CREATE INDEX "replay_items_undone" ON "replay_items" ("tenant_id", "replay_id", "resource", "factorial_id") WHERE "outcome" IS NULL;
