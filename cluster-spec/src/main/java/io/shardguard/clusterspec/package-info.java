/** The declaration of the wanted cluster: cluster.yaml, read and checked. */
package io.shardguard.clusterspec;
