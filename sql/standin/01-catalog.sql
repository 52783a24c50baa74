-- Shardguard's stand-in for Citus, part 1 of 4: what is where.
--
-- Run as superuser in the database of every primary, coordinator and workers, in the order of the file names.
-- Plain SQL: no psql meta-commands, several statements a file. Safe to run again.
--
-- Names that Citus gives stand in pg_catalog, where Citus puts them: they are found without a schema, by every role and
-- whatever the search_path. What is the stand-in's own stands in schema citus_standin; the local names of the shards
-- (foreign tables, on the coordinator only) in schema citus_standin_shards.

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
        RAISE EXCEPTION 'Citus is installed in this database: the stand-in is not needed here'
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
END $$;

CREATE SCHEMA IF NOT EXISTS citus;
CREATE SCHEMA IF NOT EXISTS citus_standin;
CREATE SCHEMA IF NOT EXISTS citus_standin_shards;
GRANT USAGE ON SCHEMA citus, citus_standin, citus_standin_shards TO PUBLIC;

CREATE EXTENSION IF NOT EXISTS postgres_fdw WITH SCHEMA citus_standin;
CREATE EXTENSION IF NOT EXISTS dblink WITH SCHEMA citus_standin;

DO $$
BEGIN
    IF to_regtype('pg_catalog.noderole') IS NULL THEN
        CREATE TYPE pg_catalog.noderole AS ENUM ('primary', 'secondary', 'unavailable');
    END IF;
    IF to_regtype('citus.distribution_type') IS NULL THEN
        CREATE TYPE citus.distribution_type AS ENUM ('hash', 'range', 'append');
    END IF;
    IF to_regtype('citus.shard_transfer_mode') IS NULL THEN
        CREATE TYPE citus.shard_transfer_mode AS ENUM ('auto', 'force_logical', 'block_writes');
    END IF;
END $$;

CREATE SEQUENCE IF NOT EXISTS citus_standin.node_id;
CREATE SEQUENCE IF NOT EXISTS citus_standin.shard_id START 102008;

-- A table cannot be created in pg_catalog, but it can be moved there.
DO $$
BEGIN
    IF to_regclass('pg_catalog.pg_dist_node') IS NULL THEN
        CREATE TABLE citus_standin.pg_dist_node (
            nodeid           int     PRIMARY KEY DEFAULT nextval('citus_standin.node_id'),
            groupid          int     NOT NULL,
            nodename         text    NOT NULL,
            nodeport         int     NOT NULL DEFAULT 5432,
            noderack         text    NOT NULL DEFAULT 'default',
            hasmetadata      bool    NOT NULL DEFAULT true,
            isactive         bool    NOT NULL DEFAULT true,
            noderole         noderole NOT NULL DEFAULT 'primary',
            nodecluster      name    NOT NULL DEFAULT 'default',
            metadatasynced   bool    DEFAULT true,
            shouldhaveshards bool    NOT NULL DEFAULT true,
            CONSTRAINT pg_dist_node_groupid_unique UNIQUE (groupid),
            CONSTRAINT pg_dist_node_nodename_nodeport_key UNIQUE (nodename, nodeport));
        ALTER TABLE citus_standin.pg_dist_node SET SCHEMA pg_catalog;
        GRANT SELECT ON pg_catalog.pg_dist_node TO PUBLIC;
    END IF;
    IF to_regclass('pg_catalog.pg_dist_local_group') IS NULL THEN
        CREATE TABLE citus_standin.pg_dist_local_group (groupid int PRIMARY KEY);
        INSERT INTO citus_standin.pg_dist_local_group VALUES (0);
        ALTER TABLE citus_standin.pg_dist_local_group SET SCHEMA pg_catalog;
        GRANT SELECT ON pg_catalog.pg_dist_local_group TO PUBLIC;
    END IF;
END $$;

CREATE TABLE IF NOT EXISTS citus_standin.reference_table (relation regclass PRIMARY KEY);
GRANT SELECT ON citus_standin.reference_table TO PUBLIC;

-- One row per shard. The shards' own tables are <schema>.<table>_<shardid> on the worker; the foreign table on the
-- coordinator has that name in citus_standin_shards.
CREATE OR REPLACE VIEW citus_standin.shard AS
SELECT parent.oid::regclass                            AS table_name,
       substring(leaf.relname from '_([0-9]+)$')::bigint AS shardid,
       leaf.oid::regclass                              AS leaf,
       split_part(remote.schema, '=', 2)               AS remote_schema,
       leaf.relname::text                              AS remote_name,
       node.nodeid, node.nodename, node.nodeport
  FROM pg_catalog.pg_class leaf
  JOIN pg_catalog.pg_foreign_table shard ON shard.ftrelid = leaf.oid
  JOIN pg_catalog.pg_foreign_server server ON server.oid = shard.ftserver
  JOIN pg_catalog.pg_inherits i ON i.inhrelid = leaf.oid
  JOIN pg_catalog.pg_class parent ON parent.oid = i.inhparent
  JOIN pg_catalog.pg_dist_node node ON server.srvname = 'citus_node_' || node.nodeid
 CROSS JOIN LATERAL (SELECT o FROM unnest(shard.ftoptions) o WHERE o LIKE 'schema_name=%') AS remote (schema)
 WHERE leaf.relnamespace = 'citus_standin_shards'::regnamespace;
GRANT SELECT ON citus_standin.shard TO PUBLIC;

DROP VIEW IF EXISTS pg_catalog.citus_shards;
CREATE VIEW citus_standin.citus_shards AS
SELECT table_name, shardid, remote_name AS shard_name, 'distributed'::text AS citus_table_type,
       0 AS colocation_id, nodename, nodeport, NULL::bigint AS shard_size
  FROM citus_standin.shard;
ALTER VIEW citus_standin.citus_shards SET SCHEMA pg_catalog;
GRANT SELECT ON pg_catalog.citus_shards TO PUBLIC;

DROP VIEW IF EXISTS public.citus_tables;
DROP VIEW IF EXISTS pg_catalog.citus_tables;
CREATE VIEW citus_standin.citus_tables AS
SELECT shard.table_name, 'distributed'::text AS citus_table_type, a.attname::text AS distribution_column,
       0 AS colocation_id, NULL::text AS table_size, count(*) AS shard_count,
       pg_get_userbyid(c.relowner) AS table_owner, 'heap'::name AS access_method
  FROM citus_standin.shard
  JOIN pg_class c ON c.oid = shard.table_name
  JOIN pg_partitioned_table p ON p.partrelid = c.oid
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.partattrs[0]
 GROUP BY 1, 3, 7
UNION ALL
SELECT r.relation, 'reference', '<none>', 0, NULL, 1, pg_get_userbyid(c.relowner), 'heap'
  FROM citus_standin.reference_table r JOIN pg_class c ON c.oid = r.relation;
ALTER VIEW citus_standin.citus_tables SET SCHEMA pg_catalog;
GRANT SELECT ON pg_catalog.citus_tables TO PUBLIC;

CREATE OR REPLACE FUNCTION pg_catalog.citus_version() RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT 'Shardguard stand-in for Citus 13.2 (not Citus: partitions over postgres_fdw, for trying and testing) on '
        || 'PostgreSQL ' || current_setting('server_version')
$$;

-- Without the first setting, aggregates would be computed on the coordinator. Remote cost estimates look expensive
-- enough to start the JIT compiler, which costs more than it gives here.
DO $$
BEGIN
    EXECUTE format('ALTER DATABASE %I SET enable_partitionwise_aggregate = on', current_database());
    EXECUTE format('ALTER DATABASE %I SET jit = off', current_database());
END $$;
