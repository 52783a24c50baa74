package io.shardguard.events;

import java.util.Map;

/** What lb-configurator did. */
public sealed interface LoadBalancerEvent extends Event {

  /**
   * HAProxy runs the wanted configuration.
   *
   * @param hash of the configuration's text
   * @param primaries the member that each group's traffic goes to, by group
   * @param cut sessions that were ended because their member is primary no more
   */
  @WireName("io.shardguard.load-balancer-configured.v1")
  record LoadBalancerConfigured(String hash, Map<Integer, String> primaries, int cut, long millis)
      implements LoadBalancerEvent {}

  /** A configuration was not put into force; the one before stays. */
  @WireName("io.shardguard.load-balancer-rejected.v1")
  record LoadBalancerRejected(String hash, String reason) implements LoadBalancerEvent {}
}
