package io.shardguard.provisioner.cluster;

import io.shardguard.events.GroupTopology;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

/** The newest state of each group that has reached this process. */
@ApplicationScoped
public class KnownTopology {

  private final Map<Integer, GroupTopology> groups = new ConcurrentHashMap<>();
  private final List<BiConsumer<GroupTopology, Instant>> listeners = new CopyOnWriteArrayList<>();
  private long next = Long.MAX_VALUE;

  /** The state of a group; null if nothing was decided yet. */
  public GroupTopology of(int group) {
    return groups.get(group);
  }

  /**
   * Takes what was read of the topic at the beginning.
   *
   * @param end the topic's end before that reading: what stands before it is in {@code read}, or
   *     superseded
   */
  public synchronized void begin(Collection<GroupTopology> read, long end) {
    read.forEach(topology -> groups.put(topology.group(), topology));
    next = end;
  }

  /**
   * Takes a record of the topic and tells the listeners of it. A record from before the beginning,
   * or one that comes again, is left out: an old transition must not have today's primary fenced.
   *
   * @param said when it was written
   */
  public synchronized void learn(GroupTopology topology, long offset, Instant said) {
    if (offset >= next) {
      next = offset + 1;
      groups.put(topology.group(), topology);
      listeners.forEach(listener -> listener.accept(topology, said));
    }
  }

  /**
   * Tells of every record from now on, on the thread that brought it: the listener must not block.
   */
  public void onChange(BiConsumer<GroupTopology, Instant> listener) {
    listeners.add(listener);
  }
}
