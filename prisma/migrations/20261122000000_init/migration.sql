-- What Prisma's schema cannot say stands here by hand: sequences first, partial indexes last.
CREATE SEQUENCE "read_numbers";
CREATE SEQUENCE "inbox_ids";

-- CreateTable
CREATE TABLE "tenants" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "time_zone" TEXT NOT NULL DEFAULT 'Europe/Madrid',
    "locale" TEXT NOT NULL DEFAULT 'es',
    "onboarding" TEXT NOT NULL DEFAULT 'create',
    "nightly_hour" INTEGER,
    "horizon_days_back" INTEGER NOT NULL DEFAULT 31,
    "horizon_days_ahead" INTEGER NOT NULL DEFAULT 92,
    "brake_percent" INTEGER NOT NULL DEFAULT 10,
    "brake_count" INTEGER NOT NULL DEFAULT 3,
    "default_week_minutes" INTEGER[] DEFAULT ARRAY[480, 480, 480, 480, 480, 0, 0]::INTEGER[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tenants_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "change_counters" (
    "tenant_id" TEXT NOT NULL,
    "sequence" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "change_counters_pkey" PRIMARY KEY ("tenant_id")
);

-- CreateTable
CREATE TABLE "changes" (
    "tenant_id" TEXT NOT NULL,
    "sequence" BIGINT NOT NULL,
    "entity" TEXT NOT NULL,
    "entity_id" TEXT NOT NULL,
    "operation" TEXT NOT NULL,
    "data" JSONB NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "changes_pkey" PRIMARY KEY ("tenant_id","sequence")
);

-- CreateTable
CREATE TABLE "connections" (
    "tenant_id" TEXT NOT NULL,
    "generation" INTEGER NOT NULL DEFAULT 0,
    "status" TEXT NOT NULL DEFAULT 'not_connected',
    "paused" BOOLEAN NOT NULL DEFAULT false,
    "api_host" TEXT,
    "token_owner" TEXT,
    "company_id" TEXT,
    "company_name" TEXT,
    "credential_version" INTEGER,
    "connected_at" TIMESTAMPTZ(3),
    "disconnected_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "connections_pkey" PRIMARY KEY ("tenant_id")
);

-- CreateTable
CREATE TABLE "connection_warnings" (
    "tenant_id" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "action_code" TEXT,
    "action_label" TEXT,
    "since" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "connection_warnings_pkey" PRIMARY KEY ("tenant_id","code")
);

-- CreateTable
CREATE TABLE "credential_versions" (
    "tenant_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "client_id" TEXT NOT NULL,
    "client_secret_enc" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "credential_versions_pkey" PRIMARY KEY ("tenant_id","version")
);

-- CreateTable
CREATE TABLE "token_pairs" (
    "tenant_id" TEXT NOT NULL,
    "generation" INTEGER NOT NULL,
    "version" INTEGER NOT NULL,
    "credential_version" INTEGER NOT NULL,
    "access_token_enc" TEXT NOT NULL,
    "refresh_token_enc" TEXT,
    "expires_at" TIMESTAMPTZ(3),
    "obtained_at" TIMESTAMPTZ(3) NOT NULL,
    "refresh_failing_since" TIMESTAMPTZ(3),
    "refresh_failures" INTEGER NOT NULL DEFAULT 0,
    "refused_at" TIMESTAMPTZ(3),
    "lease_owner" TEXT,
    "lease_until" TIMESTAMPTZ(3),

    CONSTRAINT "token_pairs_pkey" PRIMARY KEY ("tenant_id")
);

-- CreateTable
CREATE TABLE "connection_commands" (
    "tenant_id" TEXT NOT NULL,
    "id" UUID NOT NULL,
    "number" BIGSERIAL NOT NULL,
    "type" TEXT NOT NULL,
    "payload" JSONB NOT NULL DEFAULT '{}',
    "actor" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "outcome" TEXT,
    "reason" TEXT,
    "done_at" TIMESTAMPTZ(3),

    CONSTRAINT "connection_commands_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "authorization_attempts" (
    "tenant_id" TEXT NOT NULL,
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "state_hash" TEXT NOT NULL,
    "credential_version" INTEGER NOT NULL,
    "api_host" TEXT NOT NULL,
    "token_owner" TEXT NOT NULL,
    "confirm_company_change" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "voided_at" TIMESTAMPTZ(3),
    "used_at" TIMESTAMPTZ(3),
    "code_enc" TEXT,
    "pair_enc" TEXT,
    "exchange_started_at" TIMESTAMPTZ(3),
    "outcome" TEXT,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "authorization_attempts_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "subscriptions" (
    "tenant_id" TEXT NOT NULL,
    "id" UUID NOT NULL,
    "generation" INTEGER NOT NULL,
    "type" TEXT NOT NULL,
    "factorial_id" TEXT,
    "key_hash" TEXT NOT NULL,
    "key_enc" TEXT NOT NULL,
    "challenge_enc" TEXT NOT NULL,
    "challenge_hash" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'missing',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "checked_at" TIMESTAMPTZ(3),
    "retired_at" TIMESTAMPTZ(3),
    "drop_until" TIMESTAMPTZ(3),

    CONSTRAINT "subscriptions_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "employees" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT,
    "email_key" TEXT,
    "starts_on" DATE,
    "ends_on" DATE,
    "announced_active" BOOLEAN NOT NULL DEFAULT true,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "employees_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "reads" (
    "tenant_id" TEXT NOT NULL,
    "number" BIGINT NOT NULL DEFAULT nextval('read_numbers'),
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "via_type" TEXT NOT NULL,
    "via_id" TEXT NOT NULL,
    "workflow_id" TEXT NOT NULL,
    "run_id" TEXT NOT NULL,

    CONSTRAINT "reads_pkey" PRIMARY KEY ("tenant_id","number")
);

-- CreateTable
CREATE TABLE "profiles" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT,
    "email_key" TEXT,
    "employee_number" TEXT,
    "location_id" TEXT,
    "seniority_on" DATE,
    "created_on" DATE,
    "terminated_on" DATE,
    "active" BOOLEAN,
    "factorial_updated_at" TIMESTAMPTZ(3),
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "baseline" BOOLEAN NOT NULL DEFAULT false,
    "read_number" BIGINT NOT NULL,
    "changed_read_number" BIGINT NOT NULL,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "profiles_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "profile_locations" (
    "tenant_id" TEXT NOT NULL,
    "profile_id" TEXT NOT NULL,
    "from_on" DATE NOT NULL,
    "location_id" TEXT,

    CONSTRAINT "profile_locations_pkey" PRIMARY KEY ("tenant_id","profile_id","from_on")
);

-- CreateTable
CREATE TABLE "employee_links" (
    "tenant_id" TEXT NOT NULL,
    "employee_id" TEXT NOT NULL,
    "profile_id" TEXT NOT NULL,
    "linked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "linked_by" TEXT NOT NULL,
    "planned_read_number" BIGINT,

    CONSTRAINT "employee_links_pkey" PRIMARY KEY ("tenant_id","employee_id")
);

-- CreateTable
CREATE TABLE "day_types" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "key" TEXT,
    "name" TEXT NOT NULL,
    "color" TEXT NOT NULL,
    "expected_minutes" INTEGER NOT NULL,
    "built_in" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "day_types_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "absence_types" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "color" TEXT,
    "active" BOOLEAN NOT NULL,
    "workable" BOOLEAN NOT NULL,
    "read_number" BIGINT NOT NULL,
    "changed_read_number" BIGINT NOT NULL,

    CONSTRAINT "absence_types_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "day_type_mappings" (
    "tenant_id" TEXT NOT NULL,
    "absence_type_id" TEXT NOT NULL,
    "day_type_id" TEXT,
    "ignored" BOOLEAN NOT NULL DEFAULT false,
    "version" INTEGER NOT NULL DEFAULT 1,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "changed_by" TEXT NOT NULL,

    CONSTRAINT "day_type_mappings_pkey" PRIMARY KEY ("tenant_id","absence_type_id")
);

-- CreateTable
CREATE TABLE "holidays" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "location_id" TEXT,
    "date" DATE NOT NULL,
    "half_day" TEXT,
    "read_number" BIGINT NOT NULL,
    "changed_read_number" BIGINT NOT NULL,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "holidays_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "absences" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "profile_id" TEXT NOT NULL,
    "absence_type_id" TEXT,
    "start_on" DATE NOT NULL,
    "finish_on" DATE,
    "half_day" TEXT,
    "hours_in_cents" INTEGER,
    "approved" BOOLEAN,
    "factorial_updated_at" TIMESTAMPTZ(3),
    "read_number" BIGINT NOT NULL,
    "changed_read_number" BIGINT NOT NULL,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "absences_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "planned_minutes" (
    "tenant_id" TEXT NOT NULL,
    "profile_id" TEXT NOT NULL,
    "date" DATE NOT NULL,
    "minutes" DECIMAL(12,4),
    "source" TEXT,
    "read_number" BIGINT NOT NULL,
    "changed_read_number" BIGINT NOT NULL,

    CONSTRAINT "planned_minutes_pkey" PRIMARY KEY ("tenant_id","profile_id","date")
);

-- CreateTable
CREATE TABLE "calendar_days" (
    "tenant_id" TEXT NOT NULL,
    "employee_id" TEXT NOT NULL,
    "date" DATE NOT NULL,
    "day_type_id" TEXT NOT NULL,
    "planned_minutes" INTEGER NOT NULL,
    "expected_minutes" INTEGER NOT NULL,
    "source" TEXT NOT NULL,
    "provenance" JSONB NOT NULL,
    "content_hash" TEXT NOT NULL,
    "computed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "calendar_days_pkey" PRIMARY KEY ("tenant_id","employee_id","date")
);

-- CreateTable
CREATE TABLE "manual_edits" (
    "tenant_id" TEXT NOT NULL,
    "employee_id" TEXT NOT NULL,
    "date" DATE NOT NULL,
    "day_type_id" TEXT NOT NULL,
    "expected_minutes" INTEGER NOT NULL,
    "note" TEXT,
    "edited_by" TEXT NOT NULL,
    "edited_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "manual_edits_pkey" PRIMARY KEY ("tenant_id","employee_id","date")
);

-- CreateTable
CREATE TABLE "recompute_marks" (
    "tenant_id" TEXT NOT NULL,
    "employee_id" TEXT NOT NULL,
    "from_on" DATE,
    "to_on" DATE,
    "mark" BIGINT NOT NULL DEFAULT nextval('read_numbers'),
    "since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "recompute_marks_pkey" PRIMARY KEY ("tenant_id","employee_id")
);

-- CreateTable
CREATE TABLE "inbox" (
    "tenant_id" TEXT NOT NULL,
    "id" BIGINT NOT NULL DEFAULT nextval('inbox_ids'),
    "generation" INTEGER NOT NULL,
    "topic" TEXT NOT NULL,
    "resource_id" TEXT,
    "updated_at_floor" TIMESTAMPTZ(3),
    "body_hash" TEXT NOT NULL,
    "copies" INTEGER NOT NULL DEFAULT 1,
    "body_enc" TEXT,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "relayed_at" TIMESTAMPTZ(3),
    "read_number" BIGINT,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "due_at" TIMESTAMPTZ(3),
    "outcome" TEXT,
    "outcome_at" TIMESTAMPTZ(3),

    CONSTRAINT "inbox_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "failures" (
    "tenant_id" TEXT NOT NULL,
    "id" UUID NOT NULL,
    "resource" TEXT NOT NULL,
    "factorial_id" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "first_at" TIMESTAMPTZ(3) NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,
    "tries" INTEGER NOT NULL DEFAULT 1,
    "status" TEXT NOT NULL DEFAULT 'open',
    "next_try_at" TIMESTAMPTZ(3),
    "next_step" TEXT,
    "delivery_id" TEXT,
    "reconciliation_id" TEXT,
    "workflow_id" TEXT,
    "run_id" TEXT,

    CONSTRAINT "failures_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "reconciliations" (
    "tenant_id" TEXT NOT NULL,
    "id" UUID NOT NULL,
    "trigger" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "generation" INTEGER NOT NULL,
    "night_on" DATE,
    "requested_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "progress_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "verified" BOOLEAN NOT NULL DEFAULT false,
    "phase" TEXT,
    "counts" JSONB NOT NULL DEFAULT '{}',
    "drift" JSONB NOT NULL DEFAULT '{}',
    "sweeps" JSONB NOT NULL DEFAULT '{}',
    "failure_code" TEXT,
    "workflow_id" TEXT,
    "run_id" TEXT,

    CONSTRAINT "reconciliations_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "swept_ids" (
    "tenant_id" TEXT NOT NULL,
    "reconciliation_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "factorial_id" TEXT NOT NULL,

    CONSTRAINT "swept_ids_pkey" PRIMARY KEY ("tenant_id","reconciliation_id","kind","factorial_id")
);

-- CreateTable
CREATE TABLE "pending_deletions" (
    "tenant_id" TEXT NOT NULL,
    "reconciliation_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "factorial_id" TEXT NOT NULL,
    "proven_read" BIGINT NOT NULL,
    "of_count" INTEGER NOT NULL,
    "decision" TEXT,
    "decided_by" TEXT,
    "decided_at" TIMESTAMPTZ(3),
    "carried_out_at" TIMESTAMPTZ(3),

    CONSTRAINT "pending_deletions_pkey" PRIMARY KEY ("tenant_id","reconciliation_id","kind","factorial_id")
);

-- CreateTable
CREATE TABLE "request_budgets" (
    "tenant_id" TEXT NOT NULL,
    "tokens" DOUBLE PRECISION NOT NULL,
    "refilled_at" TIMESTAMPTZ(3) NOT NULL,
    "blocked_until" TIMESTAMPTZ(3),

    CONSTRAINT "request_budgets_pkey" PRIMARY KEY ("tenant_id")
);

-- CreateTable
CREATE TABLE "activity_entries" (
    "tenant_id" TEXT NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "kind" TEXT NOT NULL,
    "summary" TEXT NOT NULL,
    "count" INTEGER NOT NULL DEFAULT 1,
    "outcome" TEXT NOT NULL,

    CONSTRAINT "activity_entries_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateIndex
CREATE INDEX "connections_company_id_idx" ON "connections"("company_id");

-- CreateIndex
CREATE INDEX "authorization_attempts_state_hash_idx" ON "authorization_attempts"("state_hash");

-- CreateIndex
CREATE INDEX "subscriptions_key_hash_idx" ON "subscriptions"("key_hash");

-- CreateIndex
CREATE INDEX "employees_tenant_id_email_key_idx" ON "employees"("tenant_id", "email_key");

-- CreateIndex
CREATE INDEX "profiles_tenant_id_email_key_idx" ON "profiles"("tenant_id", "email_key");

-- CreateIndex
CREATE UNIQUE INDEX "employee_links_tenant_id_profile_id_key" ON "employee_links"("tenant_id", "profile_id");

-- CreateIndex
CREATE INDEX "day_type_mappings_tenant_id_day_type_id_idx" ON "day_type_mappings"("tenant_id", "day_type_id");

-- CreateIndex
CREATE INDEX "holidays_tenant_id_date_idx" ON "holidays"("tenant_id", "date");

-- CreateIndex
CREATE INDEX "absences_tenant_id_profile_id_start_on_idx" ON "absences"("tenant_id", "profile_id", "start_on");

-- CreateIndex
CREATE INDEX "absences_tenant_id_absence_type_id_idx" ON "absences"("tenant_id", "absence_type_id");

-- CreateIndex
CREATE INDEX "recompute_marks_since_idx" ON "recompute_marks"("since");

-- CreateIndex
CREATE INDEX "failures_tenant_id_last_at_idx" ON "failures"("tenant_id", "last_at");

-- CreateIndex
CREATE UNIQUE INDEX "failures_tenant_id_resource_factorial_id_code_key" ON "failures"("tenant_id", "resource", "factorial_id", "code");

-- CreateIndex
CREATE INDEX "reconciliations_tenant_id_requested_at_idx" ON "reconciliations"("tenant_id", "requested_at");


-- A delivery whose read has not begun takes its copies in (rule 3). The index decides, not a check.
CREATE UNIQUE INDEX "inbox_unread" ON "inbox" ("tenant_id", "topic", "resource_id")
  WHERE "read_number" IS NULL AND "outcome" IS NULL AND "resource_id" IS NOT NULL;
-- What the relay looks for: not rung for, or rung for and not done.
CREATE INDEX "inbox_undone" ON "inbox" ("tenant_id", "id") WHERE "outcome" IS NULL;
-- What retention looks for.
CREATE INDEX "inbox_done" ON "inbox" ("outcome_at") WHERE "outcome" IS NOT NULL;

CREATE INDEX "connection_commands_undone" ON "connection_commands" ("tenant_id", "number") WHERE "outcome" IS NULL;

-- One runs, one may be queued.
CREATE UNIQUE INDEX "reconciliations_running" ON "reconciliations" ("tenant_id") WHERE "status" = 'running';
CREATE UNIQUE INDEX "reconciliations_queued" ON "reconciliations" ("tenant_id") WHERE "status" = 'queued';

CREATE UNIQUE INDEX "subscriptions_live" ON "subscriptions" ("tenant_id", "type") WHERE "retired_at" IS NULL;

CREATE INDEX "failures_unresolved" ON "failures" ("tenant_id", "next_try_at") WHERE "status" <> 'resolved';
CREATE INDEX "pending_deletions_waiting" ON "pending_deletions" ("tenant_id") WHERE "carried_out_at" IS NULL;
