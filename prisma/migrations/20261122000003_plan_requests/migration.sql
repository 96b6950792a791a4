-- A plan that was asked for while an earlier read was under way must be read again.
ALTER TABLE "employee_links" ADD COLUMN "planned_wanted" BIGINT;
