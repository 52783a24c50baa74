package io.shardguard.provisioner.member;

import io.shardguard.events.GroupTopology;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.ProvisionerEvent.MemberCreated;
import io.shardguard.events.ProvisionerEvent.MemberRejoined;
import io.shardguard.events.ProvisionerEvent.MemberStarted;
import io.shardguard.events.ProvisionerEvent.RejoinFailed;
import io.shardguard.events.ProvisionerEvent.RejoinMethod;
import io.shardguard.events.ProvisionerEvent.RejoinStarted;
import io.shardguard.postgres.SessionException;
import io.shardguard.provisioner.core.RejoinChoice;
import io.shardguard.provisioner.core.Situation;
import io.shardguard.provisioner.core.Situation.Live;
import io.shardguard.provisioner.core.Wish;
import io.shardguard.provisioner.member.MemberSql.Session;
import io.shardguard.provisioner.member.OldData.Plan;
import io.shardguard.provisioner.member.RejoinGuard.NotNowException;
import io.shardguard.provisioner.runtime.Member;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Brings one member to where it should be, again and again: looks, wishes, acts. Blocking; runs on
 * a thread of its own, which {@link #wake} hurries up.
 */
public final class MemberLoop implements Runnable {

  private static final Logger LOG = Logger.getLogger(MemberLoop.class);
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration QUIET_TICK = Duration.ofSeconds(5);
  private static final Duration STREAM_POLL = Duration.ofMillis(100);

  private final MemberWorks works;
  private final Member member;
  private final List<Member> group;
  private final MemberFence fence;
  private final MemberHistory history = new MemberHistory();
  private final Semaphore wakeUp = new Semaphore(0);
  private final Set<RejoinMethod> failed = EnumSet.noneOf(RejoinMethod.class);
  private String failedFor = "";
  private volatile String state = "not looked at yet";
  private volatile boolean diskFull;
  private volatile boolean stopped;
  private volatile boolean rejoining;
  private volatile boolean takenOver;

  /**
   * A loop for one member.
   *
   * @param group all members of its group in the order of the declaration
   * @param fence who ends members
   */
  public MemberLoop(MemberWorks works, Member member, List<Member> group, MemberFence fence) {
    this.works = works;
    this.member = member;
    this.group = group;
    this.fence = fence;
  }

  /** The member. */
  public Member member() {
    return member;
  }

  /** What is done with the member or waited for, for people. */
  public String state() {
    return state;
  }

  /** Its disk was full when it was last looked at. */
  public boolean diskFull() {
    return diskFull;
  }

  /** Looks again now. */
  public void wake() {
    wakeUp.release();
  }

  /** Notes the member's end. */
  public void exited() {
    GroupTopology topology = works.known.apply(member.group());
    if (rejoining || (topology != null && fence.isDone(topology, member))) {
      history.endedOnPurpose(System.nanoTime());
    } else {
      boolean replaceable =
          topology != null
              && member.name().equals(topology.primary())
              && !topology.eligible().isEmpty();
      history.ended(System.nanoTime(), replaceable);
    }
    wake();
  }

  /** Notes that the member was fenced: its end says nothing against its next start. */
  public void fenced() {
    history.endedOnPurpose(System.nanoTime());
    wake();
  }

  /** Notes that the member took writes without being the primary: what it wrote is kept. */
  public void rogue() throws IOException {
    works.data.noteRogue(member.files(), Instant.now());
  }

  /** Does nothing any more, and lets the member be. */
  public void stop() {
    stopped = true;
    wake();
  }

  @Override
  public void run() {
    boolean quiet = false;
    while (!stopped) {
      try {
        wakeUp.tryAcquire((quiet ? QUIET_TICK : TICK).toMillis(), TimeUnit.MILLISECONDS);
        wakeUp.drainPermits();
        quiet = !stopped && step();
      } catch (InterruptedException e) {
        return;
      } catch (NotNowException e) {
        say("waits: " + e.getMessage());
        quiet = false;
      } catch (SessionException | IOException | RuntimeException e) {
        say("could not go on: " + e.getMessage());
        quiet = false;
      }
    }
  }

  /** One look and one act; true if all is as it should be. */
  private boolean step()
      throws SessionException, InterruptedException, IOException, NotNowException {
    if (!takeOver()) {
      return false;
    }
    Situation situation = look();
    if (diskFull && !situation.diskFull()) {
      history.forgetRejoinsInVain();
    }
    diskFull = situation.diskFull();
    Wish wish = Wish.of(situation);
    switch (wish) {
      case Wish.Content content -> content(content.state());
      case Wish.Wait wait -> say("waits: " + wait.reason());
      case Wish.Create create -> create();
      case Wish.Start start -> start();
      case Wish.Clone clone ->
          follow(clone.primary(), new RejoinChoice(RejoinMethod.BASE_BACKUP, clone.reason()));
      case Wish.Rejoin rejoin -> rejoin(rejoin.primary());
      case Wish.BringBack back -> bringBack(back.reason());
      case Wish.Expel expel -> {
        say("takes writes without being the primary");
        fence.expel(member);
      }
    }
    return wish instanceof Wish.Content;
  }

  private Situation look() throws InterruptedException, IOException {
    GroupTopology topology = works.known.apply(member.group());
    boolean dataHere = works.data.present(member.files(), member.name());
    boolean running = runs(topology);
    boolean asked = running && topology != null && !member.name().equals(topology.primary());
    Live live = asked ? live().orElse(null) : null;
    long now = System.nanoTime();
    return new Situation(
        member.name(),
        group.getFirst().equals(member),
        dataHere,
        dataHere || groupHasData(),
        member.files().disk().exists(member.files().rewinding()),
        MemberData.hasPutAside(member.files()),
        running,
        live,
        history.silentFor(now),
        topology,
        topology != null && fence.isDone(topology, member),
        history.quickExits(),
        history.pauseLeft(now),
        works.data.room(member.files()));
  }

  /** In maintenance somebody else may have started it. */
  private boolean runs(GroupTopology topology) throws IOException {
    boolean inMaintenance = topology != null && topology.inMaintenance(member.name());
    return works.runtime.pid(member).isPresent()
        || (inMaintenance && works.runtime.adopt(member).isPresent());
  }

  private boolean groupHasData() throws IOException {
    for (Member each : group) {
      if (MemberData.anything(each.files())) {
        return true;
      }
    }
    return false;
  }

  private Optional<Live> live() throws InterruptedException {
    try (Session session = works.sql.open(member.address())) {
      Live live = MemberQueries.live(session);
      history.answered(System.nanoTime());
      return Optional.of(live);
    } catch (SessionException | IOException noAnswer) {
      return Optional.empty();
    }
  }

  /** Whoever was at a rejoin may have ended before its last step. */
  private void content(String news) throws IOException {
    if (MemberData.isUnsettled(member.files())) {
      works.rejoin.settle(member, works.known.apply(member.group()));
    }
    say(news);
  }

  private void bringBack(String reason) throws IOException, InterruptedException {
    say("gets its old data back: " + reason);
    works.rejoin.bringBack(member);
    wake();
  }

  private void create() throws IOException, InterruptedException {
    say("is made anew");
    String identifier = works.maker.make(member);
    works.reports.publish(new MemberCreated(member.group(), member.name(), identifier));
    start();
  }

  /**
   * Takes the member over if it runs, and says what a provisioner before may have ended without
   * saying; does nothing when that is done. Where the member cannot be reached, the loop tries
   * again before it does anything else.
   *
   * @return whether it is done
   */
  public boolean takeOver() {
    if (!takenOver) {
      try {
        adopt();
        announceIfFresh();
        takenOver = true;
      } catch (IOException | RuntimeException e) {
        say("could not be taken over yet: " + e.getMessage());
      }
    }
    return takenOver;
  }

  /** The log may not know that the member was made anew. */
  private void announceIfFresh() throws IOException {
    GroupTopology topology = works.known.apply(member.group());
    boolean undecided =
        topology == null || (topology.epoch().value() == 0 && topology.fresh() == null);
    if (undecided && works.data.present(member.files(), member.name())) {
      works
          .data
          .marker(member.files())
          .filter(MemberData.Marker::madeAnew)
          .ifPresent(m ->
              works.reports.publish(
                  new MemberCreated(member.group(), member.name(), m.systemIdentifier())));
    }
  }

  private void adopt() throws IOException {
    OptionalLong pid = works.runtime.adopt(member);
    history.started(System.nanoTime());
    if (pid.isPresent()) {
      say("runs already, process " + pid.getAsLong());
    }
  }

  private void start() throws IOException {
    works.conf.write(member);
    history.started(System.nanoTime());
    works.failpoints.pass("provisioner-before-start");
    long pid = works.runtime.start(member, Optional.empty());
    works.failpoints.pass("provisioner-after-start");
    say("started as a standby, process " + pid);
    works.reports.publish(new MemberStarted(member.group(), member.name(), pid));
    wake();
  }

  private void rejoin(MemberAddress primary)
      throws SessionException, InterruptedException, IOException, NotNowException {
    forgetFailuresOfOtherPrimaries(primary);
    Optional<RejoinChoice> choice = works.rejoin.choose(member, primary, failed);
    if (choice.isEmpty()) {
      say("waits: it replays the WAL that it has");
      return;
    }
    follow(primary, choice.get());
  }

  private void follow(MemberAddress primary, RejoinChoice choice)
      throws InterruptedException, IOException, NotNowException {
    forgetFailuresOfOtherPrimaries(primary);
    long begun = System.nanoTime();
    if (history.restsFromRejoining(begun)) {
      // Without that, its state still says what went wrong.
      if (diskFull) {
        say("does not stream from " + primary.name() + ": its disk is full");
      }
      return;
    }
    Plan plan = works.rejoin.plan(member, primary, choice);
    RejoinMethod method = plan.choice().method();
    String reason = plan.choice().reason();
    say("rejoins " + primary.name() + " by " + method + ": " + reason);
    works.reports.publish(
        new RejoinStarted(member.group(), member.name(), primary.name(), method, reason));
    rejoining = true;
    try {
      works.rejoin.carryOut(plan, member, primary);
      history.started(System.nanoTime());
      awaitStreaming(primary, Rejoin.patience(method));
      works.failpoints.pass("provisioner-after-streaming");
      works.rejoin.settle(member, works.known.apply(member.group()));
    } catch (SessionException | IOException | RuntimeException e) {
      if (!(e instanceof SessionException)) {
        failed.add(method); // A broken session says nothing against the method.
      }
      if (method == RejoinMethod.BASE_BACKUP || diskFull) {
        history.rejoinedInVain(System.nanoTime());
      }
      say("could not rejoin by " + method + ": " + e.getMessage());
      works.reports.publish(
          new RejoinFailed(member.group(), member.name(), method, String.valueOf(e.getMessage())));
      return;
    } finally {
      rejoining = false;
    }
    failed.clear();
    if (diskFull) {
      // It streams until it is to write the next segment.
      history.rejoinedInVain(System.nanoTime());
    } else {
      history.forgetRejoinsInVain();
    }
    long millis = Duration.ofNanos(System.nanoTime() - begun).toMillis();
    say("standby of " + primary.name());
    works.reports.publish(
        new MemberRejoined(member.group(), member.name(), primary.name(), method, millis));
    works.reports.rejoined(method);
  }

  private void awaitStreaming(MemberAddress primary, Duration patience)
      throws InterruptedException, IOException, NotNowException {
    long giveUpAt = System.nanoTime() + patience.toNanos();
    while (true) {
      GroupTopology topology = works.known.apply(member.group());
      if (stopped || topology == null || topology.writable().filter(primary::equals).isEmpty()) {
        throw new NotNowException(primary.name() + " is not the primary any more");
      }
      if (live().filter(live -> primary.hostAndPort().equals(live.upstream())).isPresent()) {
        return;
      }
      if (works.runtime.pid(member).isEmpty()) {
        throw new IOException("it ended while it should begin to stream");
      }
      if (System.nanoTime() > giveUpAt) {
        throw new IOException(
            "it does not stream from " + primary.name() + " within " + patience.toSeconds() + " s");
      }
      Thread.sleep(STREAM_POLL);
    }
  }

  private void forgetFailuresOfOtherPrimaries(MemberAddress primary) {
    GroupTopology topology = works.known.apply(member.group());
    String reign = primary.name() + "/" + (topology == null ? "" : topology.epoch());
    if (!failedFor.equals(reign)) {
      failed.clear();
      history.forgetRejoinsInVain();
      failedFor = reign;
    }
  }

  private void say(String news) {
    if (!news.equals(state)) {
      state = news;
      LOG.infof("group=%d member=%s %s", member.group(), member.name(), news);
    }
  }
}
