package io.shardguard.failover;

import io.shardguard.events.GroupTopology;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/** What this instance decided, for people and tools. */
@Path("/clusters")
public class ClustersResource {

  @Inject DecisionLoop loop;

  /** The groups of each cluster that this instance owns. */
  @GET
  public Map<String, Collection<GroupTopology>> clusters() {
    Map<String, Collection<GroupTopology>> groups = new TreeMap<>();
    loop.owned().forEach((cluster, state) -> groups.put(cluster, state.groups().values()));
    return groups;
  }
}
