-- AlterTable
ALTER TABLE "token_pairs" ADD COLUMN     "missing_scopes" TEXT[] DEFAULT ARRAY[]::TEXT[];
