-- Up to where the work schedules of a connection whose webhooks go elsewhere were polled, by Factorial's clock.
ALTER TABLE "connections" ADD COLUMN "schedules_polled_to" TIMESTAMPTZ(3);
