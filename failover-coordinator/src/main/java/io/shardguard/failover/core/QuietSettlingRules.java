package io.shardguard.failover.core;

import io.shardguard.events.GroupTopology;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.Observation.MemberStatus;
import io.shardguard.events.Observation.MemberView;
import io.shardguard.failover.core.Action.RecoverTwoPhase;
import io.shardguard.failover.core.Action.UpdateMetadata;
import io.shardguard.failover.core.QuietSettling.Mark;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * See {@link QuietSettling}: first note where every primary stands, then, once the standbys have
 * that, tell every primary who the others are, and settle.
 */
final class QuietSettlingRules {

  private QuietSettlingRules() {}

  static void apply(Draft draft) {
    QuietSettling settling = draft.state().settling();
    if (draft.now().isBefore(settling.last().plus(QuietSettling.EVERY))
        || draft.state().groups().isEmpty()
        || !BarringRules.noOldPrimaryIsAdmitted(draft)) {
      return;
    }
    Map<Integer, MemberStatus> primaries = new TreeMap<>();
    for (GroupTopology group : draft.state().groups().values()) {
      Optional<MemberStatus> serving = serving(draft, group);
      if (serving.isEmpty()) {
        draft.learn(draft.state().with(new QuietSettling(settling.last(), Map.of())));
        return;
      }
      primaries.put(group.group(), serving.get());
    }
    if (settling.marks().keySet().equals(primaries.keySet())
        && flushed(draft, settling, primaries)) {
      draft
          .state()
          .groups()
          .values()
          .forEach(g -> {
            // One that was away while another group's primary changed, and came back as it was, was
            // told by nobody.
            Map<Integer, MemberAddress> all = TransitionRules.allPrimaries(draft);
            draft.ask(new UpdateMetadata(g.group(), null, g.primary(), all));
            draft.ask(new RecoverTwoPhase(g.group(), null, g.primary()));
          });
      draft.learn(draft.state().with(new QuietSettling(draft.now(), Map.of())));
    } else if (!sameRuns(settling, primaries)) {
      Map<Integer, Mark> marks = new TreeMap<>();
      primaries.forEach(
          (id, status) -> marks.put(id, new Mark(status.flushLsn(), status.postmasterStart())));
      draft.learn(draft.state().with(new QuietSettling(settling.last(), marks)));
    }
  }

  private static Optional<MemberStatus> serving(Draft draft, GroupTopology group) {
    if (group.transition() != null || group.primary() == null) {
      return Optional.empty();
    }
    return draft
        .view(group.primary())
        .filter(view -> view.upWritable() && view.lastAnswer().isAfter(group.since()))
        .map(MemberView::status);
  }

  private static boolean sameRuns(QuietSettling settling, Map<Integer, MemberStatus> primaries) {
    return settling.marks().keySet().equals(primaries.keySet())
        && primaries.entrySet().stream()
            .allMatch(e ->
                settling
                    .marks()
                    .get(e.getKey())
                    .postmasterStart()
                    .equals(e.getValue().postmasterStart()));
  }

  private static boolean flushed(
      Draft draft, QuietSettling settling, Map<Integer, MemberStatus> primaries) {
    return sameRuns(settling, primaries)
        && primaries.entrySet().stream()
            .allMatch(e ->
                draft.group(e.getKey()).eligible().stream()
                    .allMatch(standby ->
                        reached(e.getValue(), standby, settling.marks().get(e.getKey()))));
  }

  private static boolean reached(MemberStatus primary, String standby, Mark mark) {
    return primary
        .downstream(standby)
        .filter(s -> s.flushLsn() != null && s.flushLsn().hasReached(mark.flushLsn()))
        .isPresent();
  }
}
