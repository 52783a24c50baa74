package io.shardguard.simulator;

import static io.shardguard.simulator.Agenda.MILLI;
import static io.shardguard.simulator.Agenda.SECOND;

import io.shardguard.events.GroupTopology;
import io.shardguard.events.ProvisionerEvent.Engine;
import io.shardguard.lbconfigurator.core.Routes;
import java.util.Map;
import java.util.TreeMap;

/** lb-configurator, and the HAProxy that goes on by itself when that is away. */
final class LoadBalancer extends Actor {

  private final Map<Integer, GroupTopology> known = new TreeMap<>();
  private Map<Integer, String> routes = Map.of();
  private boolean due;

  LoadBalancer(World world, long skew) {
    super(world, "lb-configurator", skew);
  }

  void start() {
    begin();
    known.clear();
    due = false;
    world.kafka.subscribe(
        this,
        row -> {
          if (row.value() instanceof GroupTopology group) {
            known.put(group.group(), group);
            change();
          }
        });
    read();
  }

  private void read() {
    world.kafka.readTopology(
        this,
        groups -> {
          if (groups == null) {
            in(SECOND, this::read);
          } else {
            groups.forEach(known::putIfAbsent);
            change();
          }
        });
  }

  private void change() {
    if (!due && !known.isEmpty()) {
      due = true;
      in(world.chance.between(2 * MILLI, 40 * MILLI), this::apply);
    }
  }

  private void apply() {
    due = false;
    Map<Integer, String> wanted = new TreeMap<>(Routes.wanted(known, Engine.CITUS).primaries());
    if (world.conduct.lacks(Habit.ROUTES_WAIT_FOR_THE_END)) {
      known.values().stream()
          .filter(g -> g.primary() != null)
          .forEach(g -> wanted.put(g.group(), g.primary()));
    }
    routes = Map.copyOf(wanted);
    world.checks.routed(known, routes);
    world.clients.cutSessions(routes);
  }

  /** The member that HAProxy sends a group's writes to; null if nobody. */
  String route(int group) {
    return routes.get(group);
  }
}
