/**
 * HAProxy from the outside: its file, its command sockets, its worker processes. Everything here
 * blocks.
 */
package io.shardguard.lbconfigurator.haproxy;
