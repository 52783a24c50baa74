package io.shardguard.provisioner.cluster;

import io.shardguard.events.GroupTopology;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The newest state of each group that has reached this process. */
@ApplicationScoped
public class KnownTopology {

  private final Map<Integer, GroupTopology> groups = new ConcurrentHashMap<>();
  private final List<Consumer<GroupTopology>> listeners = new CopyOnWriteArrayList<>();

  /** The state of a group; null if nothing was decided yet. */
  public GroupTopology of(int group) {
    return groups.get(group);
  }

  /** Takes a record of the topic and tells the listeners of it. */
  public void learn(GroupTopology topology) {
    groups.put(topology.group(), topology);
    listeners.forEach(listener -> listener.accept(topology));
  }

  /** Tells of every record from now on, on the thread that brought it: the listener must not block. */
  public void onChange(Consumer<GroupTopology> listener) {
    listeners.add(listener);
  }
}
