/** The cluster as a whole: what is declared, known, set up and told. */
package io.shardguard.provisioner.cluster;
