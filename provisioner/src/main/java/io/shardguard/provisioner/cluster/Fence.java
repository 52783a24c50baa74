package io.shardguard.provisioner.cluster;

import io.shardguard.events.Event;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.GroupTopology.Barred;
import io.shardguard.events.GroupTopology.Transition;
import io.shardguard.events.ProvisionerEvent.MemberFenced;
import io.shardguard.events.ReplicationEvent.RogueFound;
import io.shardguard.events.TransitionEvent.TransitionStarted;
import io.shardguard.failpoints.Failpoints;
import io.shardguard.provisioner.core.Situation;
import io.shardguard.provisioner.member.MemberFence;
import io.shardguard.provisioner.member.MemberReports;
import io.shardguard.provisioner.member.NewestTopology;
import io.shardguard.provisioner.member.RogueCheck;
import io.shardguard.provisioner.runtime.Member;
import io.shardguard.provisioner.runtime.MemberRuntime;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * Makes sure that no process is left of an old primary, once for each transition, or of a rogue. On
 * threads of its own: nothing else that is done with members may hold it up.
 */
final class Fence implements MemberFence, AutoCloseable {

  private static final Logger LOG = Logger.getLogger(Fence.class);
  private static final String ROGUE = "rogue";
  private static final String BARRED = "barred";
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofMillis(500);

  /**
   * News are acted on at once while they are younger. Older ones (this process stood still, or the
   * log is read again) are compared with the log's end first: what they ask for may be over, and
   * the old primary of that time today's primary.
   */
  static final Duration NEWS = Duration.ofSeconds(3);

  private final Function<String, Optional<Member>> members;
  private final MemberRuntime runtime;
  private final MemberReports reports;
  private final NewestTopology newest;
  private final RogueCheck rogues;
  private final InstantSource clock;
  private final Aftermath aftermath;
  private final Failpoints failpoints;
  private final Set<String> begun = ConcurrentHashMap.newKeySet();
  private final Set<String> fenced = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("fence-", 0).factory());

  /** Who is told of fences. */
  interface Aftermath {

    /** The member is a rogue, and is about to be ended. */
    void rogue(Member member) throws IOException;

    /** No process of the member is left. */
    void fenced(Member member);
  }

  /**
   * A fence.
   *
   * @param members by name
   */
  Fence(
      Function<String, Optional<Member>> members,
      MemberRuntime runtime,
      MemberReports reports,
      NewestTopology newest,
      RogueCheck rogues,
      InstantSource clock,
      Aftermath aftermath,
      Failpoints failpoints) {
    this.members = members;
    this.runtime = runtime;
    this.reports = reports;
    this.newest = newest;
    this.rogues = rogues;
    this.clock = clock;
    this.aftermath = aftermath;
    this.failpoints = failpoints;
  }

  /**
   * Fences the old primary that a group's state speaks of: of the transition that replaces it, or
   * of one that went on without the runtime, all others refusing it. Once for each; returns at
   * once.
   *
   * @param said when that state was made known
   */
  void heed(GroupTopology group, Instant said) {
    Transition open = group.transition();
    if (open != null && open.replacesPrimary() && !open.oldPrimaryEnded()) {
      begin(open.id(), open.id(), open.oldPrimary(), said);
    }
    Barred barred = group.barred();
    if (barred != null && !barred.ended()) {
      begin(BARRED + group.epoch().value(), BARRED, barred.member(), said);
    }
  }

  /**
   * Fences whom an event speaks of; the state that comes with it may be later. Returns at once.
   *
   * @param said when it was published
   */
  void heed(Event event, Instant said) {
    switch (event) {
      case TransitionStarted started when started.kind().replacesPrimary() ->
          begin(started.transition(), started.transition(), started.oldPrimary(), said);
      case RogueFound found -> members.apply(found.member()).ifPresent(this::expel);
      default -> {
        // Not the fence's.
      }
    }
  }

  private void begin(String occasion, String transition, String oldPrimary, Instant said) {
    members
        .apply(oldPrimary)
        .filter(member -> begun.add(key(occasion, member)))
        .ifPresent(member -> threads.execute(() -> fence(member, transition, said)));
  }

  @Override
  public void expel(Member member) {
    if (begun.add(key(ROGUE, member))) {
      threads.execute(() -> {
        try {
          expelRogue(member);
        } finally {
          begun.remove(key(ROGUE, member));
        }
      });
    }
  }

  @Override
  public boolean isDone(GroupTopology topology, Member member) {
    Transition open = topology.transition();
    return open != null && fenced.contains(key(open.id(), member));
  }

  private void fence(Member member, String transition, Instant said) {
    try {
      if (isNews(said) || isStillWanted(member, transition)) {
        end(member, transition);
      } else {
        LOG.infof(
            "group=%d member=%s transition=%s not fenced: the log has moved on since %s",
            member.group(), member.name(), transition, said);
      }
    } catch (InterruptedException e) {
      // The service ends; the next one reads in the log what is still open.
    }
  }

  private boolean isNews(Instant said) {
    Duration age = Duration.between(said, clock.instant());
    return age.abs().compareTo(NEWS) < 0;
  }

  private boolean isStillWanted(Member member, String transition) throws InterruptedException {
    while (true) {
      try {
        return newest
            .of(member.group())
            .filter(group -> !member.name().equals(group.primary()) || opens(group, transition))
            .filter(group -> Situation.isToBeFenced(group, member.name()))
            .isPresent();
      } catch (TimeoutException | RuntimeException e) {
        LOG.warnf(
            "group=%d member=%s transition=%s not fenced yet: the log's end is not known: %s",
            member.group(), member.name(), transition, e.getMessage());
        Thread.sleep(PAUSE);
      }
    }
  }

  private static boolean opens(GroupTopology group, String transition) {
    return group.transition() != null && group.transition().id().equals(transition);
  }

  private void expelRogue(Member member) {
    try {
      Optional<String> alibi = rogues.alibi(member);
      if (alibi.isPresent()) {
        LOG.infof("group=%d member=%s is no rogue: %s", member.group(), member.name(), alibi.get());
        return;
      }
      aftermath.rogue(member);
      end(member, ROGUE);
    } catch (InterruptedException e) {
      // The service ends; the next one looks again.
    } catch (TimeoutException | IOException | RuntimeException e) {
      // The member's loop comes again.
      LOG.warnf(
          "group=%d member=%s may be a rogue, and is not ended yet: %s",
          member.group(), member.name(), e.getMessage());
    }
  }

  private void end(Member member, String transition) throws InterruptedException {
    long begunAt = System.nanoTime();
    while (!tryToEnd(member, transition)) {
      Thread.sleep(PAUSE);
    }
    failpoints.pass("provisioner-after-fence");
    long millis = Duration.ofNanos(System.nanoTime() - begunAt).toMillis();
    reports.publish(new MemberFenced(member.group(), member.name(), transition, millis));
    fenced.add(key(transition, member));
    aftermath.fenced(member);
    LOG.infof(
        "group=%d member=%s transition=%s fenced in %d ms",
        member.group(), member.name(), transition, millis);
  }

  private boolean tryToEnd(Member member, String transition) throws InterruptedException {
    try {
      runtime.kill(member, PATIENCE);
      return true;
    } catch (IOException | RuntimeException e) {
      LOG.errorf(
          "group=%d member=%s transition=%s not fenced yet: %s",
          member.group(), member.name(), transition, e.getMessage());
      return false;
    }
  }

  private static String key(String transition, Member member) {
    return transition + "/" + member.name();
  }

  /** Interrupts what is under way, and waits a little for it. */
  @Override
  public void close() {
    threads.shutdownNow();
    try {
      threads.awaitTermination(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
