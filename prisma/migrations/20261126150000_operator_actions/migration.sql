-- CreateTable
CREATE TABLE "operator_actions" (
    "tenant_id" TEXT NOT NULL,
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "verb" TEXT NOT NULL,
    "input" JSONB NOT NULL,
    "dry_run" BOOLEAN NOT NULL,
    "actor" TEXT NOT NULL,
    "reason" TEXT,
    "outcome" TEXT NOT NULL,
    "code" TEXT,
    "message" TEXT NOT NULL,
    "counts" JSONB NOT NULL,
    "result_id" TEXT,
    "workflow_id" TEXT NOT NULL,
    "run_id" TEXT NOT NULL,

    CONSTRAINT "operator_actions_pkey" PRIMARY KEY ("tenant_id","id")
);

-- The latest of a tenant are asked for.
CREATE INDEX "operator_actions_tenant_id_at_idx" ON "operator_actions" ("tenant_id", "at");
