-- What was linked and mapped with a company that the tenant has left for another one.
CREATE TABLE "archived_links" (
    "tenant_id" TEXT NOT NULL,
    "company_id" TEXT NOT NULL,
    "employee_id" TEXT NOT NULL,
    "profile_id" TEXT NOT NULL,
    "archived_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "archived_links_pkey" PRIMARY KEY ("tenant_id", "company_id", "employee_id", "profile_id")
);

CREATE TABLE "archived_mappings" (
    "tenant_id" TEXT NOT NULL,
    "company_id" TEXT NOT NULL,
    "absence_type_id" TEXT NOT NULL,
    "day_type_id" TEXT,
    "ignored" BOOLEAN NOT NULL,
    "archived_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "archived_mappings_pkey" PRIMARY KEY ("tenant_id", "company_id", "absence_type_id")
);
