-- Whether a read brought anything new: those that did explain days and are kept, the others go after some time.
-- Of reads from before nobody knows, so they stay.
ALTER TABLE "reads" ADD COLUMN "brought_change" BOOLEAN NOT NULL DEFAULT true;
ALTER TABLE "reads" ALTER COLUMN "brought_change" SET DEFAULT false;
CREATE INDEX "reads_idle" ON "reads" ("at") WHERE NOT "brought_change";
