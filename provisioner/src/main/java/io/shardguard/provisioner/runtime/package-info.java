/** Members as things that are started, stopped, killed and watched. */
package io.shardguard.provisioner.runtime;
