package io.shardguard.lbconfigurator;

import io.shardguard.events.GroupTopology;
import io.shardguard.events.ProvisionerEvent.Engine;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The newest state of every group, as read so far. It is not shown before it has been as new as the
 * log's end once: half a topology would send clients to a primary of long ago.
 */
@ApplicationScoped
class TopologyView {

  /**
   * What is known.
   *
   * @param unreadable the groups whose newest record cannot be read, and why: what is in {@code
   *     groups} of them is older, or nothing
   * @param engine null if the cluster is not declared yet
   * @param changedAt {@link System#nanoTime} of the last change
   */
  record Snapshot(
      Map<Integer, GroupTopology> groups,
      Map<Integer, String> unreadable,
      Engine engine,
      long changedAt) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Integer, GroupTopology> groups = new TreeMap<>();
  private final Map<Integer, String> unreadable = new TreeMap<>();
  private Engine engine;
  private String declaration;
  private Map<Integer, GroupTopology> endGroups;
  private Set<Integer> endUnreadable;
  private String endDeclaration;
  private boolean complete;
  private long changedAt = System.nanoTime();
  private long version;

  /** A group's newest state; null if the group is gone. */
  void put(int group, GroupTopology state) {
    change(() -> {
      unreadable.remove(group);
      if (state == null) {
        groups.remove(group);
      } else {
        groups.put(group, state);
      }
    });
  }

  /** A group's newest record cannot be read: what was known before stays. */
  void putUnreadable(int group, String why) {
    change(() -> unreadable.put(group, why));
  }

  /** The newest declaration of the cluster, told from others by the id of its event. */
  void declare(String id, Engine declared) {
    change(() -> {
      engine = declared;
      declaration = id;
    });
  }

  /**
   * The log's end as somebody else read it: the view is complete once it has been the same.
   *
   * @param unreadableAtEnd the groups whose newest record cannot be read
   */
  void completeAt(
      Map<Integer, GroupTopology> groupsAtEnd,
      Set<Integer> unreadableAtEnd,
      String declarationAtEnd) {
    change(() -> {
      endGroups = groupsAtEnd;
      endUnreadable = unreadableAtEnd;
      endDeclaration = declarationAtEnd;
    });
  }

  /** Whether the end of the log has been reached. */
  boolean isComplete() {
    lock.lock();
    try {
      return complete;
    } finally {
      lock.unlock();
    }
  }

  /** What is known; empty until the end of the log has been reached. */
  Optional<Snapshot> snapshot() {
    lock.lock();
    try {
      return complete
          ? Optional.of(new Snapshot(Map.copyOf(groups), Map.copyOf(unreadable), engine, changedAt))
          : Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /** A number that grows with each change. */
  long version() {
    lock.lock();
    try {
      return version;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until something changed since a version, at most so long. */
  void awaitChangeSince(long seen, long nanos) throws InterruptedException {
    lock.lock();
    try {
      long left = nanos;
      while (version == seen && left > 0) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  private void change(Runnable update) {
    lock.lock();
    try {
      update.run();
      complete |=
          endGroups != null
              && endGroups.equals(groups)
              && endUnreadable.equals(unreadable.keySet())
              && Objects.equals(endDeclaration, declaration);
      changedAt = System.nanoTime();
      version++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
