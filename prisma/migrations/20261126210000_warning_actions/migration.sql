-- What to do about a warning follows from its code.
ALTER TABLE "connection_warnings" DROP COLUMN "action_code", DROP COLUMN "action_label";
