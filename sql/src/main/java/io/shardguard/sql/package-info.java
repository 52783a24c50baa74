/** The SQL files of this module, for programs: see {@link io.shardguard.sql.StandIn}. */
package io.shardguard.sql;
