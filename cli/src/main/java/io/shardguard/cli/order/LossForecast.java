package io.shardguard.cli.order;

import io.shardguard.cli.view.Sight;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.Lsn;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.Observation;
import io.shardguard.events.Observation.MemberView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a forced failover may lose, as far as it was seen. */
final class LossForecast {

  private LossForecast() {}

  /**
   * The forecast, in sentences.
   *
   * @param group null if nothing is known of it
   * @param observations the newest of each observer
   */
  static List<String> of(GroupTopology group, Collection<Observation> observations) {
    if (group == null || group.primary() == null) {
      return List.of("Nothing is known of the group: what may be lost cannot be said.");
    }
    Sight sight = new Sight(observations);
    Optional<Lsn> written = sight.of(group.primary()).flatMap(LossForecast::wal);
    Optional<Map.Entry<String, Lsn>> candidate =
        group.standbys().stream()
            .map(MemberAddress::name)
            .flatMap(name -> sight.of(name).stream())
            .filter(MemberView::upInRecovery)
            .map(view -> Map.entry(view.member(), view.status().flushLsn()))
            .max(Map.Entry.comparingByValue());
    List<String> lines = new ArrayList<>();
    lines.add(
        "Primary "
            + group.primary()
            + written.map(lsn -> " was last seen at " + lsn).orElse(" was not seen")
            + candidate
                .map(c ->
                    "; of the standbys that answer, "
                        + c.getKey()
                        + " has the most WAL, to "
                        + c.getValue())
                .orElse("; no standby answers")
            + ".");
    lines.add(verdict(group, written, candidate));
    return lines;
  }

  private static String verdict(
      GroupTopology group, Optional<Lsn> written, Optional<Map.Entry<String, Lsn>> candidate) {
    if (candidate.isEmpty()) {
      return "Nobody could be promoted now.";
    }
    String member = candidate.get().getKey();
    Lsn has = candidate.get().getValue();
    if (group.quorum().size() == 1 && group.quorum().contains(member)) {
      return member
          + " is the one eligible standby: it holds every acknowledged commit, and none is lost.";
    }
    return written
        .map(lsn ->
            lsn.compareTo(has) > 0
                ? "Acknowledged commits from "
                    + has
                    + " to "
                    + lsn
                    + " at least ("
                    + lsn.minus(has)
                    + " bytes of WAL) may be lost."
                : "Acknowledged commits from "
                    + has
                    + " on may be lost, if there were any after it was seen.")
        .orElse("Acknowledged commits from " + has + " on may be lost.");
  }

  private static Optional<Lsn> wal(MemberView view) {
    return Optional.ofNullable(view.status()).map(status -> status.flushLsn());
  }
}
