/** Members as containers of a Docker engine. */
package io.shardguard.provisioner.docker;
