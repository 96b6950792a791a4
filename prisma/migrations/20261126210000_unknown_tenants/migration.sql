-- A tenant that came after the last ANALYZE, which in a large table may be days ago, counts as one row by the statistics of
-- tenant_id: then any index that begins with it looks as good as the key, and each look-up by id reads all of the tenant's rows.
-- Without such statistics every tenant counts as a two-hundredth of the table.
ALTER TABLE "absences" ALTER COLUMN "tenant_id" SET STATISTICS 0;
ALTER TABLE "activity_entries" ALTER COLUMN "tenant_id" SET STATISTICS 0;
ALTER TABLE "calendar_days" ALTER COLUMN "tenant_id" SET STATISTICS 0;
ALTER TABLE "changes" ALTER COLUMN "tenant_id" SET STATISTICS 0;
ALTER TABLE "employee_links" ALTER COLUMN "tenant_id" SET STATISTICS 0;
ALTER TABLE "employees" ALTER COLUMN "tenant_id" SET STATISTICS 0;
ALTER TABLE "failures" ALTER COLUMN "tenant_id" SET STATISTICS 0;
ALTER TABLE "holidays" ALTER COLUMN "tenant_id" SET STATISTICS 0;
ALTER TABLE "inbox" ALTER COLUMN "tenant_id" SET STATISTICS 0;
ALTER TABLE "manual_edits" ALTER COLUMN "tenant_id" SET STATISTICS 0;
ALTER TABLE "pending_deletions" ALTER COLUMN "tenant_id" SET STATISTICS 0;
ALTER TABLE "planned_minutes" ALTER COLUMN "tenant_id" SET STATISTICS 0;
ALTER TABLE "profile_locations" ALTER COLUMN "tenant_id" SET STATISTICS 0;
ALTER TABLE "profiles" ALTER COLUMN "tenant_id" SET STATISTICS 0;
ALTER TABLE "reads" ALTER COLUMN "tenant_id" SET STATISTICS 0;
ALTER TABLE "recompute_marks" ALTER COLUMN "tenant_id" SET STATISTICS 0;
ALTER TABLE "replay_items" ALTER COLUMN "tenant_id" SET STATISTICS 0;
ALTER TABLE "swept_ids" ALTER COLUMN "tenant_id" SET STATISTICS 0;
