-- What retention looks for among many. Rows come in the order of their time, so that a few pages say where the old ones are.
CREATE INDEX "activity_entries_at" ON "activity_entries" USING brin ("at");

-- What one reconciliation has read, of all that was read in years.
CREATE INDEX "reads_of_reconciliations" ON "reads" ("tenant_id", "via_id") WHERE "via_type" = 'reconciliation';
