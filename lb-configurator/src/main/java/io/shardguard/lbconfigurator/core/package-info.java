/** What HAProxy should do, worked out from the decided topology: no I/O, clock, thread or log. */
package io.shardguard.lbconfigurator.core;
