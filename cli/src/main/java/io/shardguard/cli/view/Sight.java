package io.shardguard.cli.view;

import io.shardguard.events.Observation;
import io.shardguard.events.Observation.MemberView;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What several observers see, as one: of each member, the view of whoever heard from it last. */
public final class Sight {

  private final List<Observation> observations;

  /**
   * The sight of some observers.
   *
   * @param observations the newest of each; of those that take themselves for isolated nothing
   *     counts
   */
  public Sight(Collection<Observation> observations) {
    this.observations =
        observations.stream()
            .filter(o -> !o.isolated())
            .sorted(Comparator.comparing(Observation::at))
            .toList();
  }

  /** The view of a member, the newest where several heard from it at once; empty if nobody has. */
  public Optional<MemberView> of(String member) {
    return observations.stream()
        .flatMap(observation -> observation.of(member).stream())
        .reduce((known, newer) -> heard(newer).isBefore(heard(known)) ? known : newer);
  }

  private static Instant heard(MemberView view) {
    return view.lastAnswer() == null ? Instant.MIN : view.lastAnswer();
  }
}
