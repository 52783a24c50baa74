/** What the provisioner wants, as pure functions: no I/O, clock, thread, random or log. */
package io.shardguard.provisioner.core;
