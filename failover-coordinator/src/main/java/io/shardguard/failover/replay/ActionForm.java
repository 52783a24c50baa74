package io.shardguard.failover.replay;

import io.shardguard.events.Basis.Asked;
import io.shardguard.events.MemberAddress;
import io.shardguard.failover.core.Action;
import io.shardguard.failover.core.Action.Admit;
import io.shardguard.failover.core.Action.ArmSynchronous;
import io.shardguard.failover.core.Action.Bar;
import io.shardguard.failover.core.Action.LookForSync;
import io.shardguard.failover.core.Action.Promote;
import io.shardguard.failover.core.Action.RecoverTwoPhase;
import io.shardguard.failover.core.Action.RelaxSynchronous;
import io.shardguard.failover.core.Action.Seal;
import io.shardguard.failover.core.Action.UpdateMetadata;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntUnaryOperator;

/** Actions in the form in which the log has them. */
public final class ActionForm {

  private ActionForm() {}

  /** The form of an action. */
  public static Asked of(Action action) {
    return switch (action) {
      case Seal a -> plain(a, a.transition());
      case Promote a -> plain(a, a.transition());
      case RecoverTwoPhase a -> plain(a, a.transition());
      case RelaxSynchronous a -> plain(a, null);
      case UpdateMetadata a ->
          asked(a, a.transition(), null, Set.of(), a.primaries(), Set.of(), null);
      case LookForSync a -> asked(a, a.transition(), null, Set.of(), Map.of(), a.groups(), null);
      case ArmSynchronous a -> asked(a, null, a.standby(), a.standbys(), Map.of(), Set.of(), null);
      case Bar a -> asked(a, null, null, Set.of(), Map.of(), Set.of(), a.old());
      case Admit a -> asked(a, null, null, Set.of(), Map.of(), Set.of(), a.old());
    };
  }

  private static Asked plain(Action action, String transition) {
    return asked(action, transition, null, Set.of(), Map.of(), Set.of(), null);
  }

  private static Asked asked(
      Action action,
      String transition,
      String standby,
      Set<String> standbys,
      Map<Integer, MemberAddress> primaries,
      Set<Integer> groups,
      MemberAddress old) {
    return new Asked(
        action.step(),
        action.group(),
        action.member(),
        transition,
        standby,
        new TreeSet<>(standbys),
        new TreeMap<>(primaries),
        new TreeSet<>(groups),
        old);
  }

  /**
   * The action of a form; empty if this version knows no such action, or a part is missing.
   *
   * @param change at which change each group is: an owner counts them for itself, so the log does
   *     not have them
   */
  public static Optional<Action> read(Asked asked, IntUnaryOperator change) {
    try {
      return Optional.of(action(asked, change));
    } catch (IllegalArgumentException | NullPointerException unknown) {
      return Optional.empty();
    }
  }

  private static Action action(Asked a, IntUnaryOperator change) {
    String member = Objects.requireNonNull(a.member());
    return switch (a.step()) {
      case "seal" -> new Seal(a.group(), a.transition(), member);
      case "promote" -> new Promote(a.group(), a.transition(), member);
      case "recover-two-phase" -> new RecoverTwoPhase(a.group(), a.transition(), member);
      case "relax-synchronous" -> new RelaxSynchronous(a.group(), member);
      case "update-metadata" ->
          new UpdateMetadata(a.group(), a.transition(), member, a.primaries());
      case "arm-synchronous" ->
          new ArmSynchronous(
              a.group(),
              member,
              Objects.requireNonNull(a.standby()),
              a.standbys(),
              change.applyAsInt(a.group()));
      case "look-for-sync" -> new LookForSync(a.group(), a.transition(), member, a.groups());
      case "bar" -> new Bar(a.group(), member, Objects.requireNonNull(a.old()));
      case "admit" -> new Admit(a.group(), member, Objects.requireNonNull(a.old()));
      default -> throw new IllegalArgumentException(a.step());
    };
  }
}
