-- CreateTable
CREATE TABLE "relay_states" (
    "tenant_id" TEXT NOT NULL,
    "bell" TEXT NOT NULL,
    "last_rung_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "relay_states_pkey" PRIMARY KEY ("tenant_id","bell")
);

-- Deliveries that nobody has rung for yet: few, and looked for often.
CREATE INDEX "inbox_unrelayed" ON "inbox" ("tenant_id", "id") WHERE "outcome" IS NULL AND "relayed_at" IS NULL;
