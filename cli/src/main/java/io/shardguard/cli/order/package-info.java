/** What an operator orders, and what comes of it. */
package io.shardguard.cli.order;
