package io.shardguard.provisioner.cluster;

import io.shardguard.events.GroupTopology;
import io.shardguard.events.GroupTopology.Transition;
import io.shardguard.events.ProvisionerEvent.MemberFenced;
import io.shardguard.events.TransitionKind;
import io.shardguard.provisioner.member.MemberReports;
import io.shardguard.provisioner.runtime.Member;
import io.shardguard.provisioner.runtime.MemberRuntime;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Makes sure that no process of an old primary is left, once for each transition. On threads of its
 * own: nothing else that is done with members may hold it up.
 */
final class Fence implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(Fence.class);
  private static final String ROGUE = "rogue";
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final MemberRuntime runtime;
  private final MemberReports reports;
  private final Consumer<Member> done;
  private final Set<String> begun = ConcurrentHashMap.newKeySet();
  private final Set<String> fenced = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("fence-", 0).factory());

  /**
   * A fence.
   *
   * @param done told of each member that is fenced
   */
  Fence(MemberRuntime runtime, MemberReports reports, Consumer<Member> done) {
    this.runtime = runtime;
    this.reports = reports;
    this.done = done;
  }

  /** Fences the old primary of a failover, if nobody did yet. Returns at once. */
  void forTransition(String transition, TransitionKind kind, Member oldPrimary) {
    if (kind.replacesPrimary() && begun.add(key(transition, oldPrimary))) {
      threads.execute(() -> fence(oldPrimary, transition));
    }
  }

  /** Ends a member that takes writes without being the primary. Returns at once. */
  void rogue(Member member) {
    threads.execute(() -> fence(member, ROGUE));
  }

  /** The member was fenced for the group's open transition. */
  boolean isDone(GroupTopology topology, Member member) {
    Transition open = topology.transition();
    return open != null && fenced.contains(key(open.id(), member));
  }

  private void fence(Member member, String transition) {
    long begunAt = System.nanoTime();
    while (true) {
      try {
        runtime.kill(member, PATIENCE);
        break;
      } catch (IOException e) {
        LOG.errorf(
            "group=%d member=%s transition=%s not fenced yet: %s",
            member.group(), member.name(), transition, e.getMessage());
      } catch (InterruptedException e) {
        return;
      }
    }
    long millis = Duration.ofNanos(System.nanoTime() - begunAt).toMillis();
    reports.publish(new MemberFenced(member.group(), member.name(), transition, millis));
    fenced.add(key(transition, member));
    done.accept(member);
    LOG.infof(
        "group=%d member=%s transition=%s fenced in %d ms",
        member.group(), member.name(), transition, millis);
  }

  private static String key(String transition, Member member) {
    return transition + "/" + member.name();
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
