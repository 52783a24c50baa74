-- Shardguard's stand-in for Citus, part 3 of 4: distributed tables.
--
-- A distributed table is a hash-partitioned table on the coordinator whose partitions are foreign tables; the rows are in
-- ordinary tables on the workers, which also hold the primary key and the other indexes.
-- create_distributed_table() runs with its caller's rights. Only the steps that need a superuser are functions of their
-- own, SECURITY DEFINER, which check that the caller owns the table.

CREATE OR REPLACE FUNCTION citus_standin.short_name(relation regclass) RETURNS name
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$ SELECT relname FROM pg_class WHERE oid = relation $$;

CREATE OR REPLACE FUNCTION citus_standin.require_owner(relation regclass) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog AS $$
BEGIN
    IF NOT (SELECT pg_has_role(citus_standin.calling_role(), relowner, 'USAGE') FROM pg_class WHERE oid = relation) THEN
        RAISE EXCEPTION 'must be owner of table %', citus_standin.short_name(relation) USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;

CREATE OR REPLACE FUNCTION citus_standin.refuse_if(refused bool, what text, hint text) RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog AS $$
BEGIN
    IF refused THEN
        RAISE EXCEPTION 'the stand-in for Citus does not support %', what
            USING ERRCODE = 'feature_not_supported', HINT = hint;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION citus_standin.require_distributable(relation regclass, key_column text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog AS $$
DECLARE
    key_number smallint := (SELECT attnum FROM pg_attribute
                             WHERE attrelid = relation AND attname = key_column AND attnum > 0 AND NOT attisdropped);
BEGIN
    PERFORM citus_standin.require_owner(relation);
    IF EXISTS (SELECT FROM citus_tables WHERE table_name = relation) THEN
        RAISE EXCEPTION 'table "%" is already distributed', citus_standin.short_name(relation)
            USING ERRCODE = 'invalid_table_definition';
    END IF;
    IF key_number IS NULL THEN
        RAISE EXCEPTION 'column "%" of relation "%" does not exist', key_column, citus_standin.short_name(relation)
            USING ERRCODE = 'undefined_column';
    END IF;
    PERFORM citus_standin.refuse_if((SELECT relkind <> 'r' OR relispartition OR relhassubclass FROM pg_class WHERE oid = relation),
        'distributing anything but a plain table', 'Install Citus to distribute a partitioned table.');
    PERFORM citus_standin.refuse_if(EXISTS (SELECT FROM pg_constraint WHERE contype = 'f' AND relation IN (conrelid, confrelid)),
        'foreign keys from or to distributed tables', 'Drop the foreign key, or install Citus.');
    PERFORM citus_standin.refuse_if(EXISTS (SELECT FROM pg_trigger WHERE tgrelid = relation AND NOT tgisinternal),
        'triggers on distributed tables', 'Drop the trigger before you distribute the table.');
    PERFORM citus_standin.refuse_if(EXISTS (SELECT FROM pg_constraint WHERE contype = 'x' AND conrelid = relation),
        'exclusion constraints', 'Drop the constraint, or install Citus.');
    PERFORM citus_standin.refuse_if((SELECT relrowsecurity FROM pg_class WHERE oid = relation),
        'row level security on distributed tables', 'Install Citus.');
    PERFORM citus_standin.refuse_if(EXISTS (SELECT FROM pg_attribute
            WHERE attrelid = relation AND NOT attisdropped AND (attidentity <> '' OR attgenerated <> '')),
        'identity and generated columns', 'Use bigserial in place of GENERATED AS IDENTITY.');
    IF EXISTS (SELECT FROM pg_index WHERE indrelid = relation AND indisunique AND key_number <> ALL (indkey::smallint[])) THEN
        RAISE EXCEPTION 'cannot create constraint on "%"', citus_standin.short_name(relation)
            USING ERRCODE = 'invalid_table_definition',
                  DETAIL = 'Distributed relations cannot have UNIQUE, EXCLUDE, or PRIMARY KEY constraints that do not '
                        || 'include the partition column (with an equality operator if EXCLUDE).';
    END IF;
END $$;

-- What follows USING in an index' definition. The text before it is known, so that nothing needs to be parsed.
CREATE OR REPLACE FUNCTION citus_standin.index_method(index_id oid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT substr(pg_get_indexdef(i.indexrelid), 1 + length(format('CREATE %sINDEX %I ON %s%I.%I USING ',
               CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END, index.relname,
               CASE WHEN c.relkind = 'p' THEN 'ONLY ' ELSE '' END, n.nspname, c.relname)))
      FROM pg_index i
      JOIN pg_class index ON index.oid = i.indexrelid
      JOIN pg_class c ON c.oid = i.indrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE i.indexrelid = index_id
$$;

-- Statements that give a table the privileges that others have on a relation.
CREATE OR REPLACE FUNCTION citus_standin.grants(relation regclass, target text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT coalesce(string_agg(format('GRANT %s ON %s TO %s%s;', privilege_type, target,
               CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END,
               CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END), ' '), '')
      FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl)
     WHERE c.oid = relation AND grantee <> c.relowner
$$;

-- The statements that make one shard on its worker: table, constraints, indexes, owner, privileges.
CREATE OR REPLACE FUNCTION citus_standin.shard_ddl(relation regclass, shard text, shardid bigint) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT format('CREATE TABLE %s (%s);', shard, string_agg(definition, ', ' ORDER BY position))
      FROM (SELECT attnum::int, format('%I %s%s%s', attname, format_type(atttypid, atttypmod),
                       CASE WHEN attcollation <> typcollation THEN format(' COLLATE %s', attcollation::regcollation) ELSE '' END,
                       CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END)
              FROM pg_attribute JOIN pg_type t ON t.oid = atttypid
             WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped
            UNION ALL
            SELECT 10000, format('CONSTRAINT %I %s', conname, pg_get_constraintdef(oid))
              FROM pg_constraint WHERE conrelid = relation AND contype = 'c') AS part (position, definition)
$$;

CREATE OR REPLACE FUNCTION citus_standin.shard_index_ddl(relation regclass, shard text, shardid bigint) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT coalesce(string_agg(
               CASE WHEN k.oid IS NOT NULL
                    THEN format('ALTER TABLE %s ADD CONSTRAINT %I %s;', shard, left(k.conname, 50) || '_' || shardid,
                                pg_get_constraintdef(k.oid))
                    ELSE format('CREATE %sINDEX %I ON %s USING %s;', CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END,
                                left(c.relname, 50) || '_' || shardid, shard, citus_standin.index_method(c.oid)) END, ' '), '')
      FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
      LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u')
     WHERE i.indrelid = relation
$$;

-- Makes a shard's foreign table a partition of the table. Needs a superuser, because roles have no USAGE on the servers.
CREATE OR REPLACE FUNCTION citus_standin.attach_shard(
    parent regclass, modulus int, remainder int, node_id int, remote_schema text, shard_name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    PERFORM citus_standin.require_owner(parent);
    EXECUTE format('CREATE FOREIGN TABLE citus_standin_shards.%I PARTITION OF %s FOR VALUES WITH (MODULUS %s, REMAINDER %s) '
                || 'SERVER %I OPTIONS (schema_name %L, table_name %L)',
                   shard_name, parent, modulus, remainder, 'citus_node_' || node_id, remote_schema, shard_name);
    EXECUTE format('ALTER FOREIGN TABLE citus_standin_shards.%I OWNER TO %I', shard_name,
                   (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = parent));
END $$;

-- Makes all shards of a table on the workers, round robin over the groups. They stay behind, empty and under names that
-- are not used again, if the transaction on the coordinator is rolled back later.
CREATE OR REPLACE FUNCTION citus_standin.make_shards(model regclass, parent regclass, shard_count int) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    workers int[] := ARRAY(SELECT nodeid FROM pg_dist_node
                            WHERE groupid <> 0 AND isactive AND shouldhaveshards ORDER BY groupid);
    table_schema text;
    table_id text;
    owner text;
    shardid bigint;
    shard_name text;
    shard text;
    node_id int;
BEGIN
    IF cardinality(workers) = 0 THEN
        RAISE EXCEPTION 'couldn''t find any worker nodes'
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Add more worker nodes.';
    END IF;
    SELECT n.nspname, c.relname, pg_get_userbyid(c.relowner) INTO table_schema, table_id, owner
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = parent;
    FOR i IN 0 .. shard_count - 1 LOOP
        shardid := citus_standin.next_shard_id();
        shard_name := left(table_id, 50) || '_' || shardid;
        shard := format('%I.%I', table_schema, shard_name);
        node_id := workers[1 + i % cardinality(workers)];
        PERFORM citus_standin.run_as_caller(node_id, format('DO %L', 'BEGIN '
            || CASE WHEN table_schema = 'public' THEN '' ELSE format('CREATE SCHEMA IF NOT EXISTS %I; ', table_schema) END
            || citus_standin.shard_ddl(model, shard, shardid)
            || citus_standin.shard_index_ddl(model, shard, shardid)
            || citus_standin.grants(model, shard)
            || CASE WHEN owner = citus_standin.calling_role() THEN ''
                    ELSE format('ALTER TABLE %s OWNER TO %I; ', shard, owner) END || ' END'));
        PERFORM citus_standin.attach_shard(parent, shard_count, i, node_id, table_schema, shard_name);
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION citus_standin.next_shard_id() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$ SELECT nextval('citus_standin.shard_id') $$;

-- Puts a partitioned table in a plain table's place: name, owner, defaults, sequences, privileges.
CREATE OR REPLACE FUNCTION citus_standin.make_parent(model regclass, key_column text) RETURNS regclass
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    target text := model::text;
    owner text := (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = model);
    owned record;
BEGIN
    EXECUTE format('ALTER TABLE %s RENAME TO %I', model, 'citus_standin_before_' || model::oid);
    EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMMENTS) '
                || 'PARTITION BY HASH (%I)', target, model, key_column);
    IF owner <> current_user THEN
        EXECUTE format('ALTER TABLE %s OWNER TO %I', target, owner);
    END IF;
    FOR owned IN
        SELECT d.objid::regclass AS sequence, a.attname
          FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
          JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
         WHERE d.classid = 'pg_class'::regclass AND d.refobjid = model AND d.deptype = 'a'
    LOOP
        EXECUTE format('ALTER SEQUENCE %s OWNED BY %s.%I', owned.sequence, target, owned.attname);
    END LOOP;
    EXECUTE citus_standin.grants(model, target) || ' SELECT 1';
    RETURN target::regclass;
END $$;

CREATE OR REPLACE FUNCTION citus_standin.move_rows(source regclass, target regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    columns text := (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
                      WHERE attrelid = source AND attnum > 0 AND NOT attisdropped);
BEGIN
    EXECUTE format('INSERT INTO %s (%s) SELECT %s FROM %s', target, columns, columns, source);
END $$;

CREATE OR REPLACE FUNCTION pg_catalog.create_distributed_table(
    table_name regclass, distribution_column text, distribution_type citus.distribution_type DEFAULT 'hash',
    colocate_with text DEFAULT 'default', shard_count int DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    shards int := coalesce(shard_count, nullif(current_setting('citus.shard_count', true), '')::int, 12);
    parent regclass;
    indexes text[];
    index_ddl text;
BEGIN
    PERFORM citus_standin.require_coordinator('create_distributed_table()');
    PERFORM citus_standin.refuse_if(distribution_type <> 'hash',
        'distribution by ' || distribution_type, 'Use hash distribution.');
    PERFORM citus_standin.refuse_if(colocate_with NOT IN ('default', 'none'),
        'co-location', 'Joins between distributed tables are computed on the coordinator. Leave colocate_with out.');
    PERFORM citus_standin.require_distributable(table_name, distribution_column);
    PERFORM citus_standin.map_roles();
    PERFORM set_config('citus_standin.internal', 'on', true);
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', table_name);
    -- The parent cannot have unique indexes while its partitions are foreign: the shards have them.
    indexes := ARRAY(SELECT format('CREATE INDEX %I ON %s USING %s', c.relname, table_name, citus_standin.index_method(c.oid))
                       FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                      WHERE i.indrelid = table_name AND NOT i.indisunique);
    parent := citus_standin.make_parent(table_name, distribution_column);
    PERFORM citus_standin.make_shards(table_name, parent, shards);
    PERFORM citus_standin.move_rows(table_name, parent);
    EXECUTE format('DROP TABLE %s', table_name);
    FOREACH index_ddl IN ARRAY indexes LOOP
        EXECUTE index_ddl;
    END LOOP;
    PERFORM set_config('citus_standin.internal', 'off', true);
END $$;

-- The rows of a reference table stay on the coordinator, where all joins are computed here.
CREATE OR REPLACE FUNCTION pg_catalog.create_reference_table(table_name regclass) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    PERFORM citus_standin.require_coordinator('create_reference_table()');
    PERFORM citus_standin.require_owner(table_name);
    IF EXISTS (SELECT FROM citus_tables t WHERE t.table_name = create_reference_table.table_name) THEN
        RAISE EXCEPTION 'table "%" is already distributed', citus_standin.short_name(table_name)
            USING ERRCODE = 'invalid_table_definition';
    END IF;
    INSERT INTO citus_standin.reference_table VALUES (table_name);
END $$;

-- Size of all shards with their indexes, in bytes; asks every worker that has one.
CREATE OR REPLACE FUNCTION pg_catalog.citus_total_relation_size(logicalrelid regclass, fail_on_error bool DEFAULT true)
RETURNS bigint LANGUAGE sql SET search_path = pg_catalog AS $$
    SELECT sum(citus_standin.run_as_caller(nodeid, format('SELECT pg_total_relation_size(%L)',
                   format('%I.%I', remote_schema, remote_name)))::bigint)::bigint
      FROM citus_standin.shard WHERE table_name = logicalrelid
$$;

-- CREATE INDEX on a distributed table makes the index on every shard; other changes of its form are refused.
CREATE OR REPLACE FUNCTION citus_standin.follow_ddl() RETURNS event_trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    change record;
    shard record;
BEGIN
    IF current_setting('citus_standin.internal', true) = 'on' THEN
        RETURN;
    END IF;
    FOR change IN
        SELECT c.objid, c.command_tag, coalesce(i.indrelid, c.objid)::regclass AS relation, index.relname AS index_name
          FROM pg_event_trigger_ddl_commands() c
          LEFT JOIN pg_index i ON i.indexrelid = c.objid
          LEFT JOIN pg_class index ON index.oid = i.indexrelid
         WHERE c.command_tag IN ('CREATE INDEX', 'ALTER TABLE')
    LOOP
        FOR shard IN SELECT * FROM citus_standin.shard s WHERE s.table_name = change.relation LOOP
            PERFORM citus_standin.refuse_if(change.command_tag = 'ALTER TABLE', 'ALTER TABLE of a distributed table',
                'Make a new table and distribute it, or install Citus.');
            PERFORM citus_standin.run_as_caller(shard.nodeid, format('CREATE INDEX %I ON %I.%I USING %s',
                left(change.index_name, 50) || '_' || shard.shardid, shard.remote_schema, shard.remote_name,
                citus_standin.index_method(change.objid)));
        END LOOP;
    END LOOP;
END $$;

-- DROP TABLE of a distributed table drops its shards. Shard names are unique, so they are found by name.
CREATE OR REPLACE FUNCTION citus_standin.follow_drop() RETURNS event_trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    gone text[] := ARRAY(SELECT object_name FROM pg_event_trigger_dropped_objects()
                          WHERE object_type = 'foreign table' AND schema_name = 'citus_standin_shards');
BEGIN
    IF cardinality(gone) > 0 THEN
        PERFORM citus_standin.run_as_caller(nodeid, format('DO %L', format(
            'DECLARE shard regclass; BEGIN FOR shard IN SELECT oid FROM pg_class WHERE relkind = ''r'' '
         || 'AND relname = ANY (%L) LOOP EXECUTE ''DROP TABLE '' || shard; END LOOP; END', gone)))
          FROM pg_dist_node WHERE groupid <> 0 AND isactive;
    END IF;
END $$;

DROP EVENT TRIGGER IF EXISTS citus_standin_follow_ddl;
CREATE EVENT TRIGGER citus_standin_follow_ddl ON ddl_command_end WHEN TAG IN ('CREATE INDEX', 'ALTER TABLE')
    EXECUTE FUNCTION citus_standin.follow_ddl();
DROP EVENT TRIGGER IF EXISTS citus_standin_follow_drop;
CREATE EVENT TRIGGER citus_standin_follow_drop ON sql_drop WHEN TAG IN ('DROP TABLE', 'DROP SCHEMA', 'DROP OWNED')
    EXECUTE FUNCTION citus_standin.follow_drop();
