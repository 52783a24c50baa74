-- A fleet's positions: one distributed table, its rows, and the two questions a fleet operator asks of it.
--
--   psql -h <write address> -p <write port> -U app -d citus -f sql/init.sql
--   psql ... -v rows=100000 -v regions=400 -f sql/init.sql
--
-- rows     how many positions to load (default 1000000)
-- regions  about how many region codes to spread them over, a square grid of cells (default 2500)
--
-- Runs the same on Citus and on Shardguard's stand-in, as the application's role; the extensions are there already.
-- Run it as often as you like: what is loaded stays, what is missing is loaded, a half-loaded chunk is loaded again.

\set ON_ERROR_STOP on
\set QUIET on
\if :{?rows}
\else
    \set rows 1000000
\endif
\if :{?regions}
\else
    \set regions 2500
\endif
-- Two runs at a time would load twice: the second waits here until the first has ended.
SELECT pg_advisory_lock(hashtext('vehicle_locations')) \g /dev/null

-- ---------------------------------------------------------------------------------------------------------------------
-- The table
--
-- Rows with the same region_code live in one shard. That makes the choice of region codes the choice of how evenly the
-- cluster works: three codes (us-east, us-west, eu) could fill three shards of 32 at most, and measured they filled
-- three shards on two of three workers, while the third had nothing to do. A distribution column wants many values, of
-- which none is much more frequent than the others. Here a code is a grid cell of about a kilometre, thousands of them.
-- If your regions are few, distribute by vehicle_id instead (and put it into the primary key), and index region_code.
--
-- The primary key must contain the distribution column: uniqueness is checked within a shard.

SET client_min_messages = warning;
CREATE TABLE IF NOT EXISTS vehicle_locations (
    id          bigserial,
    vehicle_id  int                   NOT NULL,
    location    geometry(Point, 4326) NOT NULL,
    recorded_at timestamptz           NOT NULL,
    region_code text                  NOT NULL,
    PRIMARY KEY (region_code, id)
);
CREATE INDEX IF NOT EXISTS vehicle_locations_location_idx ON vehicle_locations USING gist (location);
CREATE INDEX IF NOT EXISTS vehicle_locations_region_code_idx ON vehicle_locations (region_code);
SET client_min_messages = notice;

SELECT NOT EXISTS (SELECT FROM citus_shards WHERE table_name = 'vehicle_locations'::regclass) AS undistributed \gset
\if :undistributed
    SELECT create_distributed_table('vehicle_locations', 'region_code') \g /dev/null
\endif

-- ---------------------------------------------------------------------------------------------------------------------
-- The rows: ids 1 to :rows, in chunks of a transaction each
--
-- The sequence is moved past them first, so that rows written meanwhile by an application get other ids. Positions lie
-- within half a degree north and east of 40.7 N 74.0 W, from the last 30 days, of 10,000 vehicles.

SELECT set_config('fleet.rows', :'rows', false), set_config('fleet.regions', :'regions', false) \g /dev/null
SELECT setval('vehicle_locations_id_seq', greatest(:rows, (SELECT last_value FROM vehicle_locations_id_seq))) \g /dev/null

DO $$
DECLARE
    wanted  bigint := current_setting('fleet.rows')::bigint;
    side    int    := greatest(1, round(sqrt(current_setting('fleet.regions')::int)));
    chunk   bigint := greatest(1, least(50000, ceil(wanted / 4.0)));
    chunks  int    := ceil(wanted / chunk::numeric);
    present bigint[];
    held    bigint;
    low     bigint;
    high    bigint;
    started timestamptz := clock_timestamp();
BEGIN
    SELECT array_agg(coalesce(c.rows, 0)::bigint ORDER BY number) INTO present
      FROM generate_series(0, chunks - 1) AS number
      LEFT JOIN (SELECT (id - 1) / chunk AS number, count(*) AS rows
                   FROM vehicle_locations WHERE id <= wanted GROUP BY 1) AS c USING (number);
    SELECT sum(n) INTO held FROM unnest(present) AS n;
    IF held = wanted THEN
        RAISE NOTICE 'vehicle_locations already holds the % rows: nothing to load', wanted;
        RETURN;
    END IF;
    RAISE NOTICE 'loading % of % rows over % region codes', wanted - held, wanted, side * side;
    FOR number IN 1 .. chunks LOOP
        low := (number - 1) * chunk + 1;
        high := least(number * chunk, wanted);
        CONTINUE WHEN present[number] = high - low + 1;
        IF present[number] > 0 THEN
            DELETE FROM vehicle_locations WHERE id BETWEEN low AND high;
        END IF;
        INSERT INTO vehicle_locations (id, vehicle_id, location, recorded_at, region_code)
        SELECT n, 1 + n * 7919 % 10000,
               ST_SetSRID(ST_MakePoint(-74.0 + east * 0.5, 40.7 + north * 0.5), 4326),
               now() - age * interval '30 days',
               'NYC-' || lpad((floor(north * side) * side + floor(east * side))::text, 5, '0')
          FROM (SELECT n, random() AS east, random() AS north, random() AS age
                  FROM generate_series(low, high) AS n) AS position;
        COMMIT;
        RAISE NOTICE 'chunk % of %: rows up to % after % s', number, chunks, high,
            round(extract(epoch FROM clock_timestamp() - started)::numeric, 1);
    END LOOP;
END $$;

\echo
\echo 'Rows, region codes, and how evenly the rows lie on them:'
SELECT sum(rows) AS rows, count(*) AS region_codes, min(rows) AS fewest_per_code, max(rows) AS most_per_code
  FROM (SELECT region_code, count(*) AS rows FROM vehicle_locations GROUP BY region_code) AS region;

-- ---------------------------------------------------------------------------------------------------------------------
-- Which vehicles were seen within 5 km of a point?
--
-- Metres need geography, but the index is on geometry: the box around the circle (with 1 % to spare, because its border
-- is a polygon) finds candidates by the index, ST_DWithin then measures each on the globe.

\echo 'Vehicles seen within 5 km of 40.95 N 73.75 W, the nearest ten:'
SELECT vehicle_id, count(*) AS positions, max(recorded_at)::timestamp(0) AS last_seen,
       round(min(ST_Distance(location::geography, 'SRID=4326;POINT(-73.75 40.95)'::geography))::numeric, 1) AS nearest_m
  FROM vehicle_locations
 WHERE location && ST_Buffer('SRID=4326;POINT(-73.75 40.95)'::geography, 5000 * 1.01)::geometry
   AND ST_DWithin(location::geography, 'SRID=4326;POINT(-73.75 40.95)'::geography, 5000)
 GROUP BY vehicle_id ORDER BY nearest_m LIMIT 10;

-- Which vehicles were seen within a map's window?

\echo 'Vehicles seen between 40.80-40.85 N and 73.95-73.90 W, the busiest ten:'
SELECT vehicle_id, count(*) AS positions, max(recorded_at)::timestamp(0) AS last_seen
  FROM vehicle_locations
 WHERE ST_Within(location, ST_MakeEnvelope(-73.95, 40.80, -73.90, 40.85, 4326))
 GROUP BY vehicle_id ORDER BY positions DESC, vehicle_id LIMIT 10;
