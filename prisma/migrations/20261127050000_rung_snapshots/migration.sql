-- What was rung for is noted once per tenant: the snapshot in which the relay looked. A delivery knows the transaction that stored it.
DROP INDEX "inbox_unrelayed";
ALTER TABLE "inbox" DROP COLUMN "relayed_at";
ALTER TABLE "inbox" ADD COLUMN "stored_xid" xid8 NOT NULL DEFAULT pg_current_xact_id();

ALTER TABLE "relay_states" ALTER COLUMN "last_rung_at" DROP NOT NULL;
ALTER TABLE "relay_states" ADD COLUMN "looked_at" TIMESTAMPTZ(3);
ALTER TABLE "relay_states" ADD COLUMN "looked_in" pg_snapshot;

-- Deliveries that came after a look: few, and asked for often.
CREATE INDEX "inbox_arrivals" ON "inbox" ("tenant_id", "stored_xid") WHERE "outcome" IS NULL;
