-- When a tenant's feed was last looked through for replaced entries: it is read whole for that, so once a day is enough.
ALTER TABLE "change_counters" ADD COLUMN "pruned_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;
