package io.shardguard.simulator;

import static io.shardguard.simulator.Agenda.SECOND;

import io.shardguard.events.Event;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.GroupTopology.Promoting;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.OperatorEvent.CommandRefused;
import io.shardguard.events.ReplicationEvent.FailoverRefused;
import io.shardguard.events.TransitionEvent.DataLossAccepted;
import io.shardguard.events.TransitionEvent.StepFailed;
import io.shardguard.events.TransitionEvent.TransitionAbandoned;
import io.shardguard.events.TransitionEvent.TransitionStarted;
import io.shardguard.events.TransitionKind;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The invariants, looked at from outside: by what really is, not by what anybody believes. */
final class Checks {

  static final String LOST = "no acknowledged write is lost";
  static final String ONE_WRITER = "one member per group and epoch can acknowledge";
  static final String ELIGIBLE = "the primary waits for the eligible";
  static final String EPOCH = "the epoch never goes back";
  static final String ROUTES = "routes lead to the primary that clients may write to";
  static final String REASONS = "every refusal has a reason";
  static final String HEALS = "after the last fault the cluster becomes whole";
  static final String DECIDED = "only what the log says is promoted";
  static final String ENTRY = "clients enter when the old primary's end is a fact";
  static final String TWO_PHASE = "two-phase commits are settled when no old primary may act";
  static final String LINEAGE = "nobody streams what is not a continuation of what it has";
  static final String ATOMIC = "a transfer is done in both groups, or in none";
  static final String NEEDLESS = "no healthy primary is replaced";
  static final String RELIED_ON = "no data is replaced that the log relies on";
  static final String SILENT = "a group without a primary says why";

  /** A verdict that rests on a fault may come so long after it. */
  private static final long AFTERMATH = 25 * SECOND;

  private static final long SAYS_WITHIN = 25 * SECOND;

  private final World world;
  private final Map<Integer, Reign> reigns = new TreeMap<>();
  private final Map<Integer, Map<Branch, Long>> acknowledged = new HashMap<>();
  private final Map<String, String> byEpoch = new HashMap<>();
  private final Set<String> lossAccepted = new HashSet<>();
  private final Map<String, Long> troubledAt = new HashMap<>();
  private final Map<Integer, Long> withoutPrimarySince = new HashMap<>();
  private final Map<Integer, GroupTopology> last = new HashMap<>();
  private long controlTroubledAt;
  private int failovers;
  private boolean tampered;

  /** A primary that was promoted by decision. */
  private record Reign(Member member, Branch branch, long since) {}

  Checks(World world) {
    this.world = world;
  }

  void begin() {
    world.agenda.in(5 * SECOND, this::look);
  }

  int failovers() {
    return failovers;
  }

  private static void fail(String rule, String words) {
    throw new Violation(rule, words);
  }

  /** A fault touches the member, from now on or until now. */
  void troubled(String member) {
    troubledAt.put(member, world.agenda.now());
  }

  /** A fault touches the control plane, from now on or until now. */
  void controlTroubled() {
    controlTroubledAt = world.agenda.now();
  }

  // ---- writes

  /** A primary may acknowledge the commit. */
  void released(Commit commit) {
    Reign reign = reigns.get(commit.on().group);
    if (isByHand(commit.branch()) || commit.unpromised() || reign == null) {
      return;
    }
    if (reign.branch != commit.branch()) {
      fail(
          ONE_WRITER,
          commit.on().name()
              + " acknowledges a write, though "
              + reign.member.name()
              + " was promoted since");
    }
  }

  /** A client learned that the commit is done. */
  void acknowledged(Commit commit) {
    if (isByHand(commit.branch()) || commit.unpromised()) {
      return;
    }
    int group = commit.on().group;
    acknowledged
        .computeIfAbsent(group, g -> new LinkedHashMap<>())
        .merge(commit.branch(), commit.lsn(), Math::max);
    Reign reign = reigns.get(group);
    if (!reign.member.holds(commit.branch(), commit.lsn())) {
      fail(
          LOST,
          "a write that " + commit.on().name() + " acknowledged is not on " + reign.member.name());
    }
  }

  private static boolean isByHand(Branch branch) {
    return branch.transition() == null;
  }

  // ---- promotions

  void promoted(Member member, String transition) {
    if (transition == null) {
      return;
    }
    GroupTopology decided = world.kafka.newest().get(member.group);
    boolean intended =
        decided != null
            && decided.transition() != null
            && decided.transition().id().equals(transition)
            && decided.transition().step() instanceof Promoting p
            && p.candidate().equals(member.name());
    if (!intended) {
      fail(DECIDED, member.name() + " was promoted for " + transition + ", which is not open");
    }
    String epoch = member.group + "/" + decided.transition().epoch();
    String other = byEpoch.putIfAbsent(epoch, member.name());
    if (other != null && !other.equals(member.name())) {
      fail(ONE_WRITER, other + " and " + member.name() + " are both primaries of epoch " + epoch);
    }
    boolean given = lossAccepted.contains(transition);
    Map<Branch, Long> all = acknowledged.getOrDefault(member.group, Map.of());
    if (given) {
      all.entrySet().removeIf(e -> !member.holds(e.getKey(), e.getValue()));
    }
    all.forEach((branch, lsn) -> {
      if (!member.holds(branch, lsn)) {
        fail(LOST, member.name() + " was promoted without a write that was acknowledged");
      }
    });
    reigns.put(member.group, new Reign(member, member.branch(), world.agenda.now()));
  }

  /** The member's setting came into force, or it takes writes from now on. */
  void changed(Member member) {
    GroupTopology decided = world.kafka.newest().get(member.group);
    if (decided != null) {
      eligible(decided);
    }
    Reign reign = reigns.get(member.group);
    if (reign != null
        && member.writable()
        && reign.branch != member.branch()
        && !isByHand(member.branch())) {
      mayItAcknowledge(member);
    }
  }

  private void mayItAcknowledge(Member old) {
    // What somebody's hand lets through was never promised.
    boolean waitsForNobody = old.armed().isEmpty() && !old.tampered();
    if (waitsForNobody && old.alive() && !old.frozen()) {
      fail(ONE_WRITER, old.name() + " was replaced, and takes writes without waiting for anybody");
    }
  }

  /** The member's data is about to be replaced. */
  void destroys(Member member) {
    GroupTopology group = world.kafka.newest().get(member.group);
    if (group != null
        && (member.name().equals(group.primary()) || group.quorum().contains(member.name()))) {
      fail(RELIED_ON, member.name() + " is primary or eligible, and its data is replaced");
    }
  }

  void divergedStream(Member standby, Member primary) {
    fail(LINEAGE, standby.name() + " streams from " + primary.name() + ", and has other WAL");
  }

  // ---- what is decided

  void decided(GroupTopology group) {
    GroupTopology before = last.put(group.group(), group);
    if (before != null && group.epoch().compareTo(before.epoch()) < 0) {
      fail(EPOCH, "group " + group.group() + " from " + before.epoch() + " to " + group.epoch());
    }
    if (before != null
        && group.epoch().equals(before.epoch())
        && before.primary() != null
        && !before.primary().equals(group.primary())) {
      fail(EPOCH, "group " + group.group() + " changed its primary within an epoch");
    }
    eligible(group);
    boolean enter = group.writable().isPresent() && (before == null || before.writable().isEmpty());
    if (enter) {
      entry(group);
    }
  }

  private void eligible(GroupTopology group) {
    if (group.eligible().isEmpty()) {
      return;
    }
    Member primary = world.member(group.primary());
    Reign reign = reigns.get(group.group());
    boolean serves = primary.writable() && reign != null && reign.branch == primary.branch();
    if (!serves || primary.tampered()) {
      return;
    }
    if (primary.armed().isEmpty() || !group.quorum().containsAll(primary.armed())) {
      fail(
          ELIGIBLE,
          group.eligible() + " eligible, " + primary.name() + " waits for " + primary.armed());
    }
  }

  /** Nobody but the primary takes writes, or every member that answers refuses whoever does. */
  private void entry(GroupTopology group) {
    for (Member old : world.groups().get(group.group())) {
      if (old.name().equals(group.primary()) || !old.writable() || isByHand(old.branch())) {
        continue;
      }
      for (Member each : world.members()) {
        boolean answers = each.accepting() && !each.frozen();
        if (answers && each != old && !each.bars(old.host) && troubleIsOver(each)) {
          fail(ENTRY, old.name() + " still takes writes, and " + each.name() + " admits it");
        }
      }
    }
  }

  /** A member that the control plane cannot reach is told when it answers. */
  private boolean troubleIsOver(Member member) {
    return world.agenda.now() - troubledAt.getOrDefault(member.name(), -AFTERMATH) > AFTERMATH / 2;
  }

  // ---- what is said

  void happened(Event event) {
    switch (event) {
      case FailoverRefused e -> reason(event, e.reason(), !e.seen().isEmpty());
      case CommandRefused e -> reason(event, e.reason(), true);
      case TransitionAbandoned e -> reason(event, e.reason(), true);
      case StepFailed e -> reason(event, e.reason(), true);
      case DataLossAccepted e -> lossAccepted.add(e.transition());
      case TransitionStarted e when e.kind() == TransitionKind.FAILOVER -> {
        failovers++;
        needed(e);
      }
      default -> {
        // Nothing to check.
      }
    }
  }

  private static void reason(Event event, String reason, boolean seen) {
    if (reason == null || reason.isBlank() || !seen) {
      fail(REASONS, event.toString());
    }
  }

  private void needed(TransitionStarted started) {
    Member primary = world.member(started.oldPrimary());
    long healthy = world.agenda.now() - troubledAt.getOrDefault(primary.name(), -AFTERMATH);
    if (primary.writable() && !primary.frozen() && healthy > AFTERMATH) {
      fail(NEEDLESS, started.oldPrimary() + " was well: " + started.evidence());
    }
  }

  void twoPhase(Member on) {
    for (var entry : reigns.entrySet()) {
      Reign reign = entry.getValue();
      if (world.agenda.now() - reign.since < 10 * SECOND) {
        continue;
      }
      for (Member other : world.groups().get(entry.getKey())) {
        boolean old = other != reign.member && other.writable() && !isByHand(other.branch());
        if (old && !on.bars(other.host) && troubleIsOver(on)) {
          fail(TWO_PHASE, on.name() + " settles, though " + other.name() + " may still act");
        }
      }
    }
  }

  void routed(Map<Integer, GroupTopology> known, Map<Integer, String> routes) {
    routes.forEach((group, member) -> {
      String allowed = known.get(group).writable().map(MemberAddress::name).orElse(null);
      if (!member.equals(allowed)) {
        fail(ROUTES, "group " + group + " to " + member + ", allowed is " + allowed);
      }
    });
  }

  /** What an operator gave up, or somebody's hand, may be half a transfer. */
  void transfers() {
    if (lossAccepted.isEmpty() && !tampered) {
      world.twoPhase.check();
    }
  }

  /** Somebody's hand was on a member. */
  void byHand() {
    tampered = true;
  }

  // ---- from time to time

  private void look() {
    for (GroupTopology group : world.kafka.newest().values()) {
      standsStillInSilence(group);
    }
    world.agenda.in(5 * SECOND, this::look);
  }

  private void standsStillInSilence(GroupTopology group) {
    long now = world.agenda.now();
    boolean gone = group.primary() != null && !world.member(group.primary()).alive();
    boolean says = group.transition() != null || group.refusal() != null;
    if (!gone || says) {
      withoutPrimarySince.remove(group.group());
      return;
    }
    long since = withoutPrimarySince.computeIfAbsent(group.group(), g -> now);
    if (now - Math.max(since, controlTroubledAt) > SAYS_WITHIN) {
      fail(SILENT, "group " + group.group() + ": " + group.primary() + " is gone");
    }
  }

  /** What is not as it should be; null if all is. */
  String notWhole() {
    Map<Integer, GroupTopology> decided = world.kafka.newest();
    if (decided.size() < world.shape.groups()) {
      return "not all groups are decided";
    }
    for (GroupTopology group : decided.values()) {
      String lacks = notWhole(group);
      if (lacks != null) {
        return "group " + group.group() + ": " + lacks;
      }
    }
    return null;
  }

  private String notWhole(GroupTopology group) {
    if (group.primary() == null) {
      return "no primary";
    }
    if (group.transition() != null) {
      return "a transition is open at " + group.transition().step();
    }
    if (group.refusal() != null) {
      return "a failover is refused: " + group.refusal();
    }
    if (group.orders() != null || group.barred() != null) {
      return "orders or a barring are left: " + group.orders() + " " + group.barred();
    }
    Member primary = world.member(group.primary());
    if (!primary.writable() || primary.frozen()) {
      return primary.name() + " does not take writes";
    }
    for (Member member : world.groups().get(group.group())) {
      String lacks = member == primary ? null : notWhole(group, primary, member);
      if (lacks != null) {
        return lacks;
      }
    }
    if (!primary.armed().equals(group.eligible())) {
      return primary.name() + " waits for " + primary.armed();
    }
    if (!primary.name().equals(world.loadBalancer.route(group.group()))) {
      return "the route leads to " + world.loadBalancer.route(group.group());
    }
    for (GroupTopology other : world.kafka.newest().values()) {
      if (other.primary() != null
          && !other.primary().equals(world.metadata.primaryOf(primary, other.group()))) {
        return primary.name() + " does not know " + other.primary();
      }
    }
    if (world.agenda.now() - world.clients.acknowledgedAt(group.group()) >= 3 * SECOND) {
      return "no write was acknowledged of late";
    }
    return world.twoPhase.notSettled();
  }

  private static String notWhole(GroupTopology group, Member primary, Member member) {
    if (!member.accepting() || member.frozen() || !member.inRecovery()) {
      return member.name() + " is no running standby";
    }
    if (member.streamsFrom() != primary) {
      return member.name() + " does not stream from " + primary.name();
    }
    return group.eligible().contains(member.name()) ? null : member.name() + " is not eligible";
  }
}
