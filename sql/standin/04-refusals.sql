-- Shardguard's stand-in for Citus, part 4 of 4: what it cannot do.
--
-- These functions have Citus' names and arguments, and say that they are not there.

DO $do$
DECLARE
    refused record;
BEGIN
    FOR refused IN
        SELECT * FROM (VALUES
            ('rebalance_table_shards', 'relation regclass DEFAULT NULL, threshold real DEFAULT NULL, max_shard_moves int DEFAULT 1000000, '
                'excluded_shard_list bigint[] DEFAULT ''{}'', shard_transfer_mode citus.shard_transfer_mode DEFAULT ''auto'', '
                'drain_only bool DEFAULT false, rebalance_strategy name DEFAULT NULL', 'void'),
            ('citus_rebalance_start', 'rebalance_strategy name DEFAULT NULL, drain_only bool DEFAULT false, '
                'shard_transfer_mode citus.shard_transfer_mode DEFAULT ''auto'', parallel_transfer_reference_tables bool DEFAULT false, '
                'parallel_transfer_colocated_shards bool DEFAULT false', 'bigint'),
            ('citus_rebalance_stop', '', 'void'),
            ('citus_rebalance_wait', '', 'void'),
            ('citus_move_shard_placement', 'shard_id bigint, source_node_name text, source_node_port int, target_node_name text, '
                'target_node_port int, shard_transfer_mode citus.shard_transfer_mode DEFAULT ''auto''', 'void'),
            ('citus_move_shard_placement', 'shard_id bigint, source_node_id int, target_node_id int, '
                'transfer_mode citus.shard_transfer_mode DEFAULT ''auto''', 'void'),
            ('citus_copy_shard_placement', 'shard_id bigint, source_node_name text, source_node_port int, target_node_name text, '
                'target_node_port int, transfer_mode citus.shard_transfer_mode DEFAULT ''auto''', 'void'),
            ('citus_copy_shard_placement', 'shard_id bigint, source_node_id int, target_node_id int, '
                'transfer_mode citus.shard_transfer_mode DEFAULT ''auto''', 'void'),
            ('citus_split_shard_by_split_points', 'shard_id bigint, split_points text[], node_ids int[], '
                'shard_transfer_mode citus.shard_transfer_mode DEFAULT ''auto''', 'void'),
            ('citus_drain_node', 'nodename text, nodeport int, shard_transfer_mode citus.shard_transfer_mode DEFAULT ''auto'', '
                'rebalance_strategy name DEFAULT NULL', 'void'),
            ('replicate_table_shards', 'relation regclass, shard_replication_factor int DEFAULT 1, max_shard_copies int DEFAULT 1000000, '
                'excluded_shard_list bigint[] DEFAULT ''{}'', shard_transfer_mode citus.shard_transfer_mode DEFAULT ''auto''', 'void'),
            ('citus_add_inactive_node', 'nodename text, nodeport int, groupid int DEFAULT -1, noderole noderole DEFAULT ''primary'', '
                'nodecluster name DEFAULT ''default''', 'int'),
            ('citus_activate_node', 'nodename text, nodeport int', 'int'),
            ('citus_disable_node', 'nodename text, nodeport int, synchronous bool DEFAULT false', 'void'),
            ('citus_add_secondary_node', 'nodename text, nodeport int, primaryname text, primaryport int, '
                'nodecluster name DEFAULT ''default''', 'int'),
            ('create_distributed_table_concurrently', 'table_name regclass, distribution_column text, '
                'distribution_type citus.distribution_type DEFAULT ''hash'', colocate_with text DEFAULT ''default'', '
                'shard_count int DEFAULT NULL', 'void'),
            ('create_distributed_function', 'function_name regprocedure, distribution_arg_name text DEFAULT NULL, '
                'colocate_with text DEFAULT ''default'', force_delegation bool DEFAULT NULL', 'void'),
            ('alter_distributed_table', 'table_name regclass, distribution_column text DEFAULT NULL, shard_count int DEFAULT NULL, '
                'colocate_with text DEFAULT NULL, cascade_to_colocated bool DEFAULT NULL', 'void'),
            ('alter_table_set_access_method', 'table_name regclass, access_method text', 'void'),
            ('undistribute_table', 'table_name regclass, cascade_via_foreign_keys bool DEFAULT false', 'void'),
            ('update_distributed_table_colocation', 'table_name regclass, colocate_with text', 'void'),
            ('citus_schema_distribute', 'schemaname regnamespace', 'void'),
            ('citus_add_local_table_to_metadata', 'table_name regclass, cascade_via_foreign_keys bool DEFAULT false', 'void')
        ) AS v (name, arguments, result)
    LOOP
        EXECUTE format($ddl$
            CREATE OR REPLACE FUNCTION pg_catalog.%I(%s) RETURNS %s
            LANGUAGE plpgsql SET search_path = pg_catalog AS $body$
            BEGIN
                PERFORM citus_standin.refuse_if(true, %L, 'Install Citus on every node to use it: this cluster runs stock PostgreSQL.');
            END $body$ $ddl$, refused.name, refused.arguments, refused.result, refused.name || '()');
    END LOOP;
END $do$;
