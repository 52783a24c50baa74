/** The recorded log at the command line: decided again, and explained. */
package io.shardguard.cli.replay;
