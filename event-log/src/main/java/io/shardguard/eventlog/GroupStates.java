package io.shardguard.eventlog;

import io.shardguard.events.EventCodec;
import io.shardguard.events.EventCodec.UnreadableException;
import io.shardguard.events.GroupTopology;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * What {@link io.shardguard.events.Topics#TOPOLOGY} says of each group, by key (cluster/group).
 *
 * @param lastReadable the newest state that can be read; if the group is in {@code unreadable},
 *     there is a newer one. Compaction takes away what is older than the newest record: a group may
 *     be in {@code unreadable} alone
 * @param unreadable the groups whose newest record cannot be read: where it is, and why
 */
public record GroupStates(Map<String, GroupTopology> lastReadable, Map<String, String> unreadable) {

  /**
   * The newest state of each of a cluster's groups, for those who decide or destroy.
   *
   * @throws IllegalStateException if one of them cannot be read: what is known is not the newest
   */
  public Map<String, GroupTopology> newest(String cluster) {
    return newestBelow(cluster + "/");
  }

  /** The same of all clusters. */
  Map<String, GroupTopology> newest() {
    return newestBelow("");
  }

  private Map<String, GroupTopology> newestBelow(String prefix) {
    unreadable.forEach((key, why) -> {
      if (key.startsWith(prefix)) {
        throw new IllegalStateException("the state of " + key + " cannot be read: " + why);
      }
    });
    Map<String, GroupTopology> newest = new LinkedHashMap<>(lastReadable);
    newest.keySet().removeIf(key -> !key.startsWith(prefix));
    return newest;
  }

  /** Takes the topic's records in their order. */
  static final class Collector {

    private final EventCodec codec = new EventCodec();
    private final Map<String, GroupTopology> readable = new LinkedHashMap<>();
    private final Map<String, String> unreadable = new LinkedHashMap<>();

    void take(ConsumerRecord<String, byte[]> row) {
      String key = String.valueOf(row.key());
      unreadable.remove(key);
      if (row.value() == null) {
        readable.remove(key);
        return;
      }
      try {
        readable.put(key, codec.readTopology(row.key(), row.value()));
      } catch (UnreadableException e) {
        unreadable.put(key, CommittedLog.where(row) + ": " + e.getMessage());
      }
    }

    GroupStates states() {
      return new GroupStates(readable, unreadable);
    }
  }
}
