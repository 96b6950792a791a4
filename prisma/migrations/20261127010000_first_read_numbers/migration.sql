-- Whether a reconciliation began after a profile was first seen is told by read numbers: its start and the profile's first day are
-- of two clocks. Who is there already was seen before anything that begins from now on.
ALTER TABLE "profiles" ADD COLUMN "first_read_number" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "profiles" ALTER COLUMN "first_read_number" SET DEFAULT nextval('read_numbers');
ALTER TABLE "profiles" DROP COLUMN "first_seen_at";
