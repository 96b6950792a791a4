-- Bodies that could not be read: few, and dropped after some days.
CREATE INDEX "inbox_bodies" ON "inbox" ("received_at") WHERE "body_enc" IS NOT NULL;
