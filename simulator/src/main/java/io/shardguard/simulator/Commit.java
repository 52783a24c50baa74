package io.shardguard.simulator;

import java.util.function.Consumer;

/**
 * A commit on its way: durable on its primary, not acknowledged yet.
 *
 * @param lsn where its record ends, in bytes
 * @param unpromised somebody emptied the primary's setting by hand before it
 */
record Commit(Member on, Branch branch, long lsn, boolean unpromised, Consumer<Reply> answer) {}
