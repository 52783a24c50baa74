-- Shardguard's stand-in for Citus, part 2 of 4: nodes.

-- The role on whose behalf a SECURITY DEFINER function runs: SET ROLE's, else the one that logged in.
CREATE OR REPLACE FUNCTION citus_standin.calling_role() RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT coalesce(nullif(current_setting('role'), 'none'), session_user)
$$;

CREATE OR REPLACE FUNCTION citus_standin.conninfo(host text, port int, role_name text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT string_agg(format('%s=''%s''', key, replace(replace(value, '\', '\\'), '''', '\''')), ' ')
      FROM (VALUES ('host', host), ('port', port::text), ('user', role_name), ('dbname', current_database()),
                   ('connect_timeout', '3'), ('application_name', 'citus_standin'),
                   ('keepalives_idle', '2'), ('keepalives_interval', '1'), ('keepalives_count', '3'),
                   ('tcp_user_timeout', '4000')) AS option (key, value)
$$;

-- Runs a command that returns one column (or only a command tag) and gives its first row. For the stand-in alone.
CREATE OR REPLACE FUNCTION citus_standin.run_as_superuser(host text, port int, command text) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    answer text;
BEGIN
    SELECT r.value INTO answer
      FROM citus_standin.dblink(citus_standin.conninfo(host, port, current_user), command) AS r (value text) LIMIT 1;
    RETURN answer;
END $$;
REVOKE ALL ON FUNCTION citus_standin.run_as_superuser(text, int, text) FROM PUBLIC;

-- The same as the caller's own role, on a node of the cluster: it may do there only what that role may do.
-- SECURITY DEFINER, because dblink lets nobody but a superuser use the server's password file.
CREATE OR REPLACE FUNCTION citus_standin.run_as_caller(node_id int, command text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    node pg_dist_node;
    answers text[];
BEGIN
    SELECT * INTO node FROM pg_dist_node WHERE nodeid = node_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'node % not found', node_id USING ERRCODE = 'no_data_found';
    END IF;
    SELECT array_agg(r.value) INTO answers
      FROM citus_standin.dblink(
               citus_standin.conninfo(node.nodename, node.nodeport, citus_standin.calling_role()), command) AS r (value text);
    IF cardinality(answers) > 1 THEN
        RAISE EXCEPTION 'expected a single row in query result';
    END IF;
    RETURN answers[1];
END $$;

CREATE OR REPLACE FUNCTION citus_standin.require_coordinator(what text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog AS $$
BEGIN
    IF (SELECT groupid <> 0 FROM pg_dist_local_group) THEN
        RAISE EXCEPTION 'operation is not allowed on this node: % works on the coordinator only', what
            USING ERRCODE = 'feature_not_supported', HINT = 'Connect to the coordinator and run it again.';
    END IF;
END $$;

-- Every role that may log in reaches the workers as itself; the password comes from the server's password file.
-- A role made later is mapped when a table is distributed next, or by calling this. Roles get no USAGE on the servers:
-- with it a role could change its own mapping's user.
CREATE OR REPLACE FUNCTION citus_standin.map_roles() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    missing record;
BEGIN
    FOR missing IN
        SELECT role.rolname, server.srvname
          FROM pg_roles role CROSS JOIN pg_foreign_server server
         WHERE role.rolcanlogin AND server.srvname ~ '^citus_node_[0-9]+$'
           AND NOT EXISTS (SELECT FROM pg_user_mappings m WHERE m.umuser = role.oid AND m.srvid = server.oid)
    LOOP
        EXECUTE format('CREATE USER MAPPING IF NOT EXISTS FOR %I SERVER %I OPTIONS (user %L, password_required ''false'')',
                       missing.rolname, missing.srvname, missing.rolname);
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION citus_standin.make_server(node_id int, host text, port int) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    EXECUTE format($ddl$
        CREATE SERVER %I FOREIGN DATA WRAPPER postgres_fdw OPTIONS (
            host %L, port %L, dbname %L, application_name 'citus_standin', extensions 'postgis',
            use_remote_estimate 'true', fetch_size '10000', batch_size '1000',
            async_capable 'true', parallel_commit 'true', connect_timeout '3',
            keepalives_idle '2', keepalives_interval '1', keepalives_count '3', tcp_user_timeout '4000')
        $ddl$, 'citus_node_' || node_id, host, port, current_database());
    PERFORM citus_standin.map_roles();
END $$;
REVOKE ALL ON FUNCTION citus_standin.make_server(int, text, int) FROM PUBLIC;

-- Takes over the coordinator's rows; called on a worker, by the coordinator.
CREATE OR REPLACE FUNCTION citus_standin.receive_nodes(own_group int, rows jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    DELETE FROM pg_dist_node;
    INSERT INTO pg_dist_node SELECT * FROM jsonb_populate_recordset(NULL::pg_dist_node, rows);
    UPDATE pg_dist_local_group SET groupid = own_group;
END $$;
REVOKE ALL ON FUNCTION citus_standin.receive_nodes(int, jsonb) FROM PUBLIC;

CREATE OR REPLACE FUNCTION pg_catalog.start_metadata_sync_to_node(nodename text, nodeport int) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    node pg_dist_node;
    rows jsonb;
BEGIN
    PERFORM citus_standin.require_coordinator('start_metadata_sync_to_node()');
    SELECT * INTO node FROM pg_dist_node n
     WHERE n.nodename = start_metadata_sync_to_node.nodename AND n.nodeport = start_metadata_sync_to_node.nodeport;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'node at "%:%" does not exist', nodename, nodeport USING ERRCODE = 'no_data_found';
    END IF;
    IF node.groupid <> 0 THEN
        SELECT jsonb_agg(to_jsonb(n)) INTO rows FROM pg_dist_node n;
        PERFORM citus_standin.run_as_superuser(node.nodename, node.nodeport,
            format('SELECT citus_standin.receive_nodes(%s, %L)::text', node.groupid, rows));
    END IF;
END $$;

CREATE OR REPLACE FUNCTION pg_catalog.start_metadata_sync_to_all_nodes() RETURNS bool
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    node pg_dist_node;
BEGIN
    FOR node IN SELECT * FROM pg_dist_node WHERE groupid <> 0 AND isactive LOOP
        PERFORM start_metadata_sync_to_node(node.nodename, node.nodeport);
    END LOOP;
    RETURN true;
END $$;

CREATE OR REPLACE FUNCTION citus_standin.require_primary_role(wanted noderole) RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog AS $$
BEGIN
    IF wanted <> 'primary' THEN
        RAISE EXCEPTION 'the stand-in for Citus has no % nodes in pg_dist_node', wanted
            USING ERRCODE = 'feature_not_supported',
                  HINT = 'Standbys need no row. Install Citus to read from secondaries.';
    END IF;
END $$;

CREATE OR REPLACE FUNCTION pg_catalog.citus_set_coordinator_host(
    host text, port int DEFAULT current_setting('port')::int,
    node_role noderole DEFAULT 'primary', node_cluster name DEFAULT 'default') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM citus_standin.require_coordinator('citus_set_coordinator_host()');
    PERFORM citus_standin.require_primary_role(node_role);
    UPDATE pg_dist_node SET nodename = host, nodeport = port WHERE groupid = 0;
    IF NOT FOUND THEN
        INSERT INTO pg_dist_node (groupid, nodename, nodeport, nodecluster, shouldhaveshards)
        VALUES (0, host, port, node_cluster, false);
    END IF;
    PERFORM start_metadata_sync_to_all_nodes();
END $$;

CREATE OR REPLACE FUNCTION pg_catalog.citus_add_node(
    nodename text, nodeport int, groupid int DEFAULT -1,
    noderole noderole DEFAULT 'primary', nodecluster name DEFAULT 'default') RETURNS int
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
#variable_conflict use_column
DECLARE
    found_id int;
    new_id int;
    remote_version text;
BEGIN
    PERFORM citus_standin.require_coordinator('citus_add_node()');
    PERFORM citus_standin.require_primary_role(citus_add_node.noderole);
    SELECT n.nodeid INTO found_id FROM pg_dist_node n
     WHERE n.nodename = citus_add_node.nodename AND n.nodeport = citus_add_node.nodeport;
    IF FOUND THEN
        RETURN found_id;
    END IF;
    IF citus_add_node.groupid = 0 THEN
        PERFORM citus_set_coordinator_host(citus_add_node.nodename, citus_add_node.nodeport);
        RETURN (SELECT n.nodeid FROM pg_dist_node n WHERE n.groupid = 0);
    END IF;
    IF NOT EXISTS (SELECT FROM pg_dist_node n WHERE n.groupid = 0) THEN
        RAISE EXCEPTION 'the coordinator has no row in pg_dist_node yet'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'Run SELECT citus_set_coordinator_host(''<address>'', <port>) first.';
    END IF;
    remote_version := citus_standin.run_as_superuser(citus_add_node.nodename, citus_add_node.nodeport,
                                                     'SELECT citus_version()');
    IF remote_version NOT LIKE 'Shardguard stand-in%' THEN
        RAISE EXCEPTION 'the node at %:% runs %', citus_add_node.nodename, citus_add_node.nodeport, remote_version
            USING ERRCODE = 'feature_not_supported',
                  HINT = 'A cluster is either Citus on every node or the stand-in on every node.';
    END IF;
    INSERT INTO pg_dist_node (groupid, nodename, nodeport, nodecluster)
    VALUES (CASE WHEN citus_add_node.groupid > 0 THEN citus_add_node.groupid
                 ELSE (SELECT max(n.groupid) + 1 FROM pg_dist_node n) END,
            citus_add_node.nodename, citus_add_node.nodeport, citus_add_node.nodecluster)
    RETURNING nodeid INTO new_id;
    PERFORM citus_standin.make_server(new_id, citus_add_node.nodename, citus_add_node.nodeport);
    PERFORM start_metadata_sync_to_all_nodes();
    RETURN new_id;
END $$;

-- Makes writers to a node's shards wait until this transaction ends; readers, and writers to other nodes, go on.
-- DISABLE TRIGGER on a table without triggers changes nothing, but takes the lock that does this, and honours
-- lock_timeout. With force the writers that hold it up are ended after lock_cooldown milliseconds; one that does not end
-- within another second (it hangs on a frozen server) is left behind with a warning.
CREATE OR REPLACE FUNCTION citus_standin.pause_writes(node_id int, force bool, lock_cooldown int) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    leaf regclass;
    leaves oid[] := ARRAY(SELECT s.leaf::oid FROM citus_standin.shard s WHERE s.nodeid = node_id ORDER BY 1);
    give_up timestamptz := clock_timestamp() + lock_cooldown * interval '1 ms';
    callers_timeout text := current_setting('lock_timeout');
BEGIN
    IF force THEN
        WHILE EXISTS (SELECT FROM citus_standin.writers(leaves)) AND clock_timestamp() < give_up LOOP
            PERFORM pg_sleep(0.02);
        END LOOP;
        PERFORM pg_terminate_backend(pid) FROM citus_standin.writers(leaves) AS pid;
        PERFORM set_config('lock_timeout', '1s', true);
    END IF;
    FOREACH leaf IN ARRAY leaves LOOP
        EXECUTE format('ALTER FOREIGN TABLE %s DISABLE TRIGGER USER', leaf);
    END LOOP;
    PERFORM set_config('lock_timeout', callers_timeout, true);
EXCEPTION WHEN lock_not_available THEN
    IF NOT force THEN
        RAISE;
    END IF;
    RAISE WARNING 'node % is updated while a session still writes to it', node_id;
END $$;
REVOKE ALL ON FUNCTION citus_standin.pause_writes(int, bool, int) FROM PUBLIC;

CREATE OR REPLACE FUNCTION citus_standin.writers(relations oid[]) RETURNS SETOF int
LANGUAGE sql SET search_path = pg_catalog AS $$
    SELECT DISTINCT pid FROM pg_locks
     WHERE relation = ANY (relations) AND granted AND pid <> pg_backend_pid()
       AND mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
$$;

-- SECURITY DEFINER: the failover role need not be a superuser, only be granted EXECUTE.
CREATE OR REPLACE FUNCTION pg_catalog.citus_pause_node_within_txn(
    node_id int, force bool DEFAULT false, lock_cooldown int DEFAULT 10000) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_dist_node WHERE nodeid = node_id) THEN
        RAISE EXCEPTION 'node % not found', node_id USING ERRCODE = 'no_data_found';
    END IF;
    PERFORM citus_standin.pause_writes(node_id, force, lock_cooldown);
END $$;

-- Changes the row, and on the coordinator the foreign server, of the node where it is called; it asks no other server,
-- so a dead one cannot hold it up. Open sessions drop their connections to the old address at their next transaction.
CREATE OR REPLACE FUNCTION pg_catalog.citus_update_node(
    node_id int, new_node_name text, new_node_port int,
    force bool DEFAULT false, lock_cooldown int DEFAULT 10000) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    node pg_dist_node;
BEGIN
    SELECT * INTO node FROM pg_dist_node WHERE nodeid = node_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'node % not found', node_id USING ERRCODE = 'no_data_found';
    END IF;
    IF (node.nodename, node.nodeport) = (new_node_name, new_node_port) THEN
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM pg_dist_node WHERE (nodename, nodeport) = (new_node_name, new_node_port)) THEN
        RAISE EXCEPTION 'there is already another node with the specified hostname and port'
            USING ERRCODE = 'unique_violation';
    END IF;
    PERFORM citus_standin.pause_writes(node_id, force, lock_cooldown);
    UPDATE pg_dist_node SET nodename = new_node_name, nodeport = new_node_port WHERE nodeid = node_id;
    IF EXISTS (SELECT FROM pg_foreign_server WHERE srvname = 'citus_node_' || node_id) THEN
        EXECUTE format('ALTER SERVER %I OPTIONS (SET host %L, SET port %L)',
                       'citus_node_' || node_id, new_node_name, new_node_port);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION pg_catalog.citus_remove_node(nodename text, nodeport int) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    node pg_dist_node;
BEGIN
    PERFORM citus_standin.require_coordinator('citus_remove_node()');
    SELECT * INTO node FROM pg_dist_node n
     WHERE n.nodename = citus_remove_node.nodename AND n.nodeport = citus_remove_node.nodeport;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'node at "%:%" does not exist', nodename, nodeport USING ERRCODE = 'no_data_found';
    END IF;
    IF EXISTS (SELECT FROM citus_standin.shard s WHERE s.nodeid = node.nodeid) THEN
        RAISE EXCEPTION 'cannot remove or disable the node %:% because it contains the only shard placement of its shards',
            nodename, nodeport USING ERRCODE = 'object_in_use';
    END IF;
    EXECUTE format('DROP SERVER IF EXISTS %I CASCADE', 'citus_node_' || node.nodeid);
    DELETE FROM pg_dist_node n WHERE n.nodeid = node.nodeid;
    PERFORM start_metadata_sync_to_all_nodes();
END $$;

CREATE OR REPLACE FUNCTION pg_catalog.citus_set_node_property(
    nodename text, nodeport int, property text, value bool) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM citus_standin.require_coordinator('citus_set_node_property()');
    IF property <> 'shouldhaveshards' THEN
        RAISE EXCEPTION 'only the ''shouldhaveshards'' property can be set using this function'
            USING ERRCODE = 'feature_not_supported';
    END IF;
    UPDATE pg_dist_node n SET shouldhaveshards = value
     WHERE n.nodename = citus_set_node_property.nodename AND n.nodeport = citus_set_node_property.nodeport;
    PERFORM start_metadata_sync_to_all_nodes();
END $$;

CREATE OR REPLACE FUNCTION pg_catalog.citus_get_active_worker_nodes(OUT node_name text, OUT node_port bigint)
RETURNS SETOF record LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT nodename, nodeport::bigint FROM pg_dist_node WHERE groupid <> 0 AND isactive ORDER BY groupid
$$;

CREATE OR REPLACE FUNCTION pg_catalog.citus_is_coordinator() RETURNS bool
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT groupid = 0 AND EXISTS (SELECT FROM pg_dist_node) FROM pg_dist_local_group
$$;

CREATE OR REPLACE FUNCTION pg_catalog.run_command_on_workers(
    command text, parallel bool DEFAULT true,
    OUT nodename text, OUT nodeport int, OUT success bool, OUT result text) RETURNS SETOF record
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    node pg_dist_node;
BEGIN
    PERFORM citus_standin.require_coordinator('run_command_on_workers()');
    FOR node IN SELECT * FROM pg_dist_node n WHERE n.groupid <> 0 AND n.isactive ORDER BY n.groupid LOOP
        nodename := node.nodename;
        nodeport := node.nodeport;
        BEGIN
            result := citus_standin.run_as_caller(node.nodeid, command);
            success := true;
        EXCEPTION WHEN OTHERS THEN
            result := SQLERRM;
            success := false;
        END;
        RETURN NEXT;
    END LOOP;
END $$;

-- From the node that is asked to every node: the stand-in's workers never talk to each other.
CREATE OR REPLACE FUNCTION pg_catalog.citus_check_cluster_node_health(
    OUT from_nodename text, OUT from_nodeport int, OUT to_nodename text, OUT to_nodeport int, OUT result bool)
RETURNS SETOF record LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    node pg_dist_node;
BEGIN
    SELECT n.nodename, n.nodeport INTO from_nodename, from_nodeport
      FROM pg_dist_node n JOIN pg_dist_local_group USING (groupid);
    FOR node IN SELECT * FROM pg_dist_node n ORDER BY n.groupid LOOP
        to_nodename := node.nodename;
        to_nodeport := node.nodeport;
        BEGIN
            result := citus_standin.run_as_caller(node.nodeid, 'SELECT 1') = '1';
        EXCEPTION WHEN OTHERS THEN
            result := false;
        END;
        RETURN NEXT;
    END LOOP;
END $$;

-- The stand-in makes no prepared transactions, so there are none to recover.
CREATE OR REPLACE FUNCTION pg_catalog.recover_prepared_transactions() RETURNS int
LANGUAGE sql SET search_path = pg_catalog AS 'SELECT 0';

REVOKE ALL ON FUNCTION
    pg_catalog.citus_set_coordinator_host(text, int, noderole, name),
    pg_catalog.citus_add_node(text, int, int, noderole, name),
    pg_catalog.citus_update_node(int, text, int, bool, int),
    pg_catalog.citus_pause_node_within_txn(int, bool, int),
    pg_catalog.citus_remove_node(text, int),
    pg_catalog.citus_set_node_property(text, int, text, bool),
    pg_catalog.start_metadata_sync_to_node(text, int),
    pg_catalog.start_metadata_sync_to_all_nodes(),
    pg_catalog.recover_prepared_transactions() FROM PUBLIC;
