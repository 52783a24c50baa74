package io.shardguard.lbconfigurator;

import io.shardguard.lbconfigurator.core.HaproxyConfig;
import io.shardguard.lbconfigurator.core.Routes;

/**
 * Where the loop stands.
 *
 * @param wanted null until the topology is read to its end
 * @param routes of {@code wanted}; null as long
 * @param runningHash of the configuration that HAProxy runs; null if not known
 * @param inForce connections go where they are wanted: HAProxy runs the wanted configuration, or
 *     was switched at run time and the reload that makes it durable is near
 * @param trouble what keeps the wanted configuration from being in force; null if nothing does
 */
record Status(
    HaproxyConfig wanted, Routes routes, String runningHash, boolean inForce, String trouble) {

  static final Status STARTING =
      new Status(null, null, null, false, "the topology is not read to its end yet");

  Status with(String running, boolean force, String reason) {
    return new Status(wanted, routes, running, force, reason);
  }
}
