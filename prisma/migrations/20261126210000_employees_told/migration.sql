-- What the feed last told of an employee, so that it is told again when any of it is another: also links' names, suggestions, what is parked.
ALTER TABLE "employees" ADD COLUMN "announced_hash" TEXT NOT NULL DEFAULT '';
