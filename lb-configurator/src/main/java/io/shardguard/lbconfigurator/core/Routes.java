package io.shardguard.lbconfigurator.core;

import io.shardguard.events.GroupTopology;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.ProvisionerEvent.Engine;
import io.shardguard.lbconfigurator.core.Server.Use;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Where connections are to go.
 *
 * @param write group 0's members, only the one that clients may write to active: nobody is, when
 *     nobody may
 * @param read group 0's eligible standbys, the primary as backup. A standby that is not eligible is
 *     left out: it may be any time behind
 * @param any every group's members, only those that may be written to active; empty if the port is
 *     left out
 * @param whyNoAny why the port for any primary is left out; empty if it is not
 * @param primaries the member that each group's writes go to, by group
 */
public record Routes(
    List<Server> write,
    List<Server> read,
    List<Server> any,
    String whyNoAny,
    Map<Integer, String> primaries) {

  private static final int COORDINATOR = 0;

  /**
   * The routes that a topology asks for.
   *
   * @param engine null if it is not known yet
   * @throws UnsafeTopologyException if a name or an address cannot be one, or a name is used twice
   */
  public static Routes wanted(Map<Integer, GroupTopology> groups, Engine engine) {
    Map<Integer, GroupTopology> ordered = new TreeMap<>(groups);
    List<Server> all = new ArrayList<>();
    Map<Integer, String> primaries = new TreeMap<>();
    ordered.forEach((id, group) -> {
      all.addAll(writable(group));
      group.writable().ifPresent(member -> primaries.put(id, member.name()));
    });
    refuseNamesUsedTwice(all);
    GroupTopology coordinator = ordered.get(COORDINATOR);
    String whyNoAny = whyNoAny(engine);
    return new Routes(
        coordinator == null ? List.of() : writable(coordinator),
        coordinator == null ? List.of() : readable(coordinator),
        whyNoAny.isEmpty() ? List.copyOf(all) : List.of(),
        whyNoAny,
        primaries);
  }

  /**
   * Whether enough is known to route by. A coordinator group whose only record cannot be read is
   * not one without a primary: to route by that would send everybody away.
   *
   * @param unreadable the groups whose newest record cannot be read
   */
  public static boolean known(Map<Integer, GroupTopology> groups, Map<Integer, String> unreadable) {
    return groups.containsKey(COORDINATOR) || !unreadable.containsKey(COORDINATOR);
  }

  /** The servers of a backend. */
  public List<Server> of(Backend backend) {
    return switch (backend) {
      case WRITE -> write;
      case READ -> read;
      case ANY -> any;
    };
  }

  /** Whether a session of this backend may go on with this member. */
  public boolean serves(Backend backend, String member) {
    return of(backend).stream()
        .anyMatch(server -> server.name().equals(member) && server.use() != Use.DISABLED);
  }

  private static List<Server> writable(GroupTopology group) {
    String open = group.writable().map(MemberAddress::name).orElse(null);
    return group.members().stream()
        .map(member -> Server.of(member, member.name().equals(open) ? Use.ACTIVE : Use.DISABLED))
        .toList();
  }

  private static List<Server> readable(GroupTopology group) {
    List<Server> servers = new ArrayList<>();
    for (MemberAddress member : group.members()) {
      if (member.name().equals(group.primary())) {
        servers.add(Server.of(member, Use.BACKUP));
      } else if (group.eligible() != null && group.eligible().contains(member.name())) {
        servers.add(Server.of(member, Use.ACTIVE));
      }
    }
    return List.copyOf(servers);
  }

  private static String whyNoAny(Engine engine) {
    return switch (engine) {
      case CITUS -> "";
      case STAND_IN -> "the stand-in for Citus takes queries on the coordinator alone";
      case null -> "the cluster is not declared yet";
    };
  }

  private static void refuseNamesUsedTwice(List<Server> servers) {
    Set<String> seen = new HashSet<>();
    for (Server server : servers) {
      if (!seen.add(server.name())) {
        throw new UnsafeTopologyException("the member name '" + server.name() + "' is used twice");
      }
    }
  }
}
