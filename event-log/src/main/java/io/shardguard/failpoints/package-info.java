/** Crashes and pauses at chosen places of the code, for tests; off unless a directory is given. */
package io.shardguard.failpoints;
