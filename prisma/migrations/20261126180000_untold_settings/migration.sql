-- What the connection workflow goes by and has not looked at yet: the relay rings for it.
ALTER TABLE "tenants" ADD COLUMN "settings_changed_at" TIMESTAMPTZ(3);
CREATE INDEX "tenants_settings_untold" ON "tenants" ("settings_changed_at") WHERE "settings_changed_at" IS NOT NULL;
