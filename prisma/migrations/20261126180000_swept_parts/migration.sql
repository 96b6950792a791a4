-- Ids that a sweep has listed, a row for some pages instead of one each. A sweep that is under way loses what it has listed:
-- it finds its count wrong, and begins anew.
DELETE FROM "swept_ids";
ALTER TABLE "swept_ids" DROP CONSTRAINT "swept_ids_pkey";
ALTER TABLE "swept_ids" DROP COLUMN "factorial_id";
ALTER TABLE "swept_ids" ADD COLUMN "part" BIGINT NOT NULL DEFAULT nextval('read_numbers'), ADD COLUMN "factorial_ids" TEXT[];
ALTER TABLE "swept_ids" ADD CONSTRAINT "swept_ids_pkey" PRIMARY KEY ("tenant_id", "reconciliation_id", "kind", "part");

-- Every night's reconciliation notes on each of these rows that it has seen it. With room for the new version on the same page
-- no index changes, and the room of the old one serves the next night.
ALTER TABLE "profiles" SET (fillfactor = 50);
ALTER TABLE "absences" SET (fillfactor = 50);
ALTER TABLE "holidays" SET (fillfactor = 50);
ALTER TABLE "planned_minutes" SET (fillfactor = 50);
ALTER TABLE "employee_links" SET (fillfactor = 50);
