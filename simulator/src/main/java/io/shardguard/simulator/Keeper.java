package io.shardguard.simulator;

import static io.shardguard.simulator.Agenda.MILLI;
import static io.shardguard.simulator.Agenda.SECOND;

import io.shardguard.events.GroupTopology;
import io.shardguard.events.Lsn;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.ProvisionerEvent.MemberCreated;
import io.shardguard.events.ProvisionerEvent.MemberRejoined;
import io.shardguard.events.ProvisionerEvent.MemberStarted;
import io.shardguard.events.ProvisionerEvent.RejoinFailed;
import io.shardguard.events.ProvisionerEvent.RejoinMethod;
import io.shardguard.events.ProvisionerEvent.RejoinStarted;
import io.shardguard.events.Timeline;
import io.shardguard.provisioner.core.RejoinChoice;
import io.shardguard.provisioner.core.RejoinChoice.Leading;
import io.shardguard.provisioner.core.RejoinChoice.Standing;
import io.shardguard.provisioner.core.RestartPause;
import io.shardguard.provisioner.core.Situation;
import io.shardguard.provisioner.core.TimelineHistory;
import io.shardguard.provisioner.core.Wish;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Brings one member to where it should be: looks, wishes, acts, again and again. */
final class Keeper {

  private static final long STATEMENT = 10 * SECOND;
  private static final long TICK = SECOND;
  private static final long QUIET_TICK = 5 * SECOND;

  private final Provisioner provisioner;
  private final World world;
  private final Member member;
  private final List<Member> group;
  private final Set<RejoinMethod> failed = EnumSet.noneOf(RejoinMethod.class);
  private String failedFor = "";
  private boolean busy;
  private boolean again;
  private boolean rejoining;
  private int ticks;
  private long startedAt;
  private long answeredAt;
  private long restartAt;
  private int quickExits;

  Keeper(Provisioner provisioner, Member member, List<Member> group) {
    this.provisioner = provisioner;
    this.world = provisioner.world;
    this.member = member;
    this.group = group;
  }

  private long now() {
    return world.agenda.now();
  }

  /** Takes the member over as it is. */
  void begin() {
    startedAt = now();
    answeredAt = now();
    GroupTopology topology = topology();
    boolean undecided =
        topology == null || (topology.epoch().value() == 0 && topology.fresh() == null);
    if (undecided && member.hasData()) {
      provisioner.publish(new MemberCreated(member.group, member.name(), "1"));
    }
    wake();
  }

  private GroupTopology topology() {
    return provisioner.known(member.group);
  }

  // ---- what happens to it

  void exited() {
    GroupTopology topology = topology();
    if (rejoining || (topology != null && provisioner.isFenced(topology, member))) {
      endedOnPurpose();
      return;
    }
    boolean replaceable =
        topology != null
            && member.name().equals(topology.primary())
            && !topology.eligible().isEmpty();
    boolean soon = now() - startedAt < RestartPause.SOON.toMillis() * MILLI;
    quickExits = soon ? quickExits + 1 : 0;
    restartAt = now() + RestartPause.after(quickExits, replaceable).toMillis() * MILLI;
    wake();
  }

  void endedOnPurpose() {
    quickExits = 0;
    restartAt = now();
    wake();
  }

  // ---- the loop

  void wake() {
    if (busy) {
      again = true;
    } else {
      busy = true;
      provisioner.in(world.chance.between(200, 5 * MILLI), this::look);
    }
  }

  private void rest(boolean quiet) {
    busy = false;
    if (again) {
      again = false;
      wake();
      return;
    }
    int tick = ++ticks;
    provisioner.in(
        quiet ? QUIET_TICK : TICK,
        () -> {
          if (tick == ticks && !busy) {
            wake();
          }
        });
  }

  private void look() {
    ticks++;
    GroupTopology topology = topology();
    if (!provisioner.reaches(member)) {
      rest(false);
    } else if (member.alive() && topology != null && !member.name().equals(topology.primary())) {
      provisioner.live(
          member,
          live -> {
            if (live != null) {
              answeredAt = now();
            }
            act(live);
          });
    } else {
      act(null);
    }
  }

  private void act(Situation.Live live) {
    if (!provisioner.reaches(member)) {
      rest(false);
      return;
    }
    Wish wish = Wish.of(situation(live));
    switch (wish) {
      case Wish.Content content -> {
        if (member.unsettled()) {
          member.settle();
        }
        rest(true);
      }
      case Wish.Wait wait -> rest(false);
      case Wish.Create create -> create();
      case Wish.Start start -> start();
      case Wish.Clone clone ->
          follow(clone.primary(), new RejoinChoice(RejoinMethod.BASE_BACKUP, clone.reason()));
      case Wish.Rejoin rejoin -> rejoin(rejoin.primary());
      case Wish.BringBack back -> {
        stop();
        member.bringBack();
        rest(false);
      }
      case Wish.Expel expel -> {
        provisioner.expel(member);
        rest(false);
      }
    }
  }

  private Situation situation(Situation.Live live) {
    GroupTopology topology = topology();
    return new Situation(
        member.name(),
        group.getFirst() == member,
        member.hasData(),
        group.stream().anyMatch(m -> m.hasData() || m.hasPutAside()),
        member.rewinding(),
        member.hasPutAside(),
        member.alive(),
        live,
        millis(now() - answeredAt),
        topology,
        topology != null && provisioner.isFenced(topology, member),
        quickExits,
        millis(Math.max(0, restartAt - now())),
        Long.MAX_VALUE);
  }

  private static Duration millis(long micros) {
    return Duration.ofMillis((micros + MILLI - 1) / MILLI);
  }

  private void create() {
    provisioner.in(
        world.chance.between(SECOND / 2, SECOND),
        () -> {
          member.create();
          provisioner.publish(new MemberCreated(member.group, member.name(), "1"));
          start();
        });
  }

  private void start() {
    startedAt = now();
    answeredAt = now();
    member.start(null);
    provisioner.publish(new MemberStarted(member.group, member.name(), 1));
    rest(false);
  }

  private void stop() {
    boolean before = rejoining;
    rejoining = true;
    member.crash("stopped");
    rejoining = before;
    quickExits = 0;
    restartAt = now();
  }

  // ---- rejoining

  private void rejoin(MemberAddress primary) {
    forgetFailuresOfOtherPrimaries(primary);
    ask(
        member,
        Keeper::standing,
        standing ->
            ask(
                world.member(primary.name()),
                Keeper::leading,
                leading -> {
                  RejoinChoice choice =
                      RejoinChoice.choose(
                          Optional.of((Standing) standing),
                          member.rogue(),
                          (Leading) leading,
                          failed);
                  if (world.conduct.lacks(Habit.THE_DIVERGED_ARE_REWOUND)) {
                    choice = new RejoinChoice(RejoinMethod.FOLLOW, "whatever it has");
                  }
                  follow(primary, choice);
                }));
  }

  private static Standing standing(Member m) {
    Branch at = m.branch().at(m.flushed());
    return new Standing(
        "1", new Timeline(at.number()), new TimelineHistory(at.forks()), new Lsn(m.flushed()));
  }

  private static Leading leading(Member m) {
    return new Leading(
        "1",
        new Timeline(m.branch().number()),
        new TimelineHistory(m.branch().forks()),
        new Lsn(m.flushed()));
  }

  /** Asks a member one thing; without an answer the loop begins again later. */
  private void ask(
      Member whom, java.util.function.Function<Member, Object> what, Consumer<Object> then) {
    provisioner.session(
        whom,
        session ->
            session.ask(
                STATEMENT,
                m -> Reply.ok(what.apply(m)),
                reply -> {
                  session.close();
                  if (reply.ok()) {
                    then.accept(reply.value());
                  } else {
                    rest(false);
                  }
                }),
        () -> rest(false));
  }

  private void follow(MemberAddress primary, RejoinChoice choice) {
    forgetFailuresOfOtherPrimaries(primary);
    boolean destroys = choice.method() != RejoinMethod.FOLLOW;
    guard(
        primary,
        destroys,
        () -> {
          provisioner.publish(
              new RejoinStarted(
                  member.group, member.name(), primary.name(), choice.method(), choice.reason()));
          rejoining = true;
          switch (choice.method()) {
            case FOLLOW -> tellToFollow(primary);
            case REWIND -> rewind(primary);
            case BASE_BACKUP -> copy(primary);
          }
        });
  }

  /** The last look at the log. */
  private void guard(MemberAddress primary, boolean destroys, Runnable then) {
    provisioner.newest(
        member.group,
        topology -> {
          boolean same =
              topology != null
                  && topology.writable().filter(primary::equals).isPresent()
                  && !primary.name().equals(member.name())
                  && !topology.inMaintenance(member.name());
          boolean needed =
              topology != null
                  && (topology.eligible().contains(member.name())
                      || topology.quorum().contains(member.name()));
          boolean careless = world.conduct.lacks(Habit.THE_LOG_IS_READ_TO_ITS_END);
          if (!same || (destroys && needed && !careless)) {
            notNow();
          } else {
            then.run();
          }
        });
  }

  private void notNow() {
    rejoining = false;
    rest(false);
  }

  private void tellToFollow(MemberAddress primary) {
    provisioner.session(
        member,
        session ->
            guard(
                primary,
                false,
                () ->
                    session.ask(
                        STATEMENT,
                        m -> {
                          m.follow(primary.name());
                          return Reply.ok(true);
                        },
                        reply -> {
                          session.close();
                          if (reply.ok()) {
                            awaitStreaming(primary, RejoinMethod.FOLLOW, 15 * SECOND);
                          } else {
                            notNow();
                          }
                        })),
        this::notNow);
  }

  private void rewind(MemberAddress primary) {
    Member source = world.member(primary.name());
    guard(
        primary,
        true,
        () -> {
          stop();
          guard(
              primary,
              true,
              () -> {
                if (!serves(source)) {
                  notNow();
                  return;
                }
                member.beginRewind();
                int life = source.life();
                provisioner.in(
                    world.chance.between(300 * MILLI, 3 * SECOND),
                    () -> {
                      if (!serves(source) || source.life() != life) {
                        failed(RejoinMethod.REWIND, "pg_rewind failed: the connection was lost");
                        return;
                      }
                      member.rewind(source);
                      startStreaming(primary, RejoinMethod.REWIND, 60 * SECOND, member::endRewind);
                    });
              });
        });
  }

  private void copy(MemberAddress primary) {
    Member source = world.member(primary.name());
    guard(
        primary,
        true,
        () -> {
          if (!serves(source)) {
            failed(RejoinMethod.BASE_BACKUP, "pg_basebackup failed: no connection");
            return;
          }
          int life = source.life();
          provisioner.in(
              world.chance.between(SECOND, 5 * SECOND),
              () -> {
                if (!serves(source) || source.life() != life) {
                  failed(RejoinMethod.BASE_BACKUP, "pg_basebackup failed: the connection was lost");
                  return;
                }
                Member.Data copy = source.backup();
                stop();
                guard(
                    primary,
                    true,
                    () -> {
                      member.replaceData(copy);
                      startStreaming(primary, RejoinMethod.BASE_BACKUP, 300 * SECOND, () -> {});
                    });
              });
        });
  }

  private boolean serves(Member primary) {
    return primary.writable()
        && !primary.frozen()
        && world.network.openBothWays(member.host, primary.host)
        && !primary.bars(member.host);
  }

  private void startStreaming(
      MemberAddress primary, RejoinMethod method, long patience, Runnable started) {
    guard(
        primary,
        false,
        () -> {
          startedAt = now();
          answeredAt = now();
          member.start(primary.name());
          started.run();
          awaitStreaming(primary, method, patience);
        });
  }

  private void awaitStreaming(MemberAddress primary, RejoinMethod method, long patience) {
    awaitStreaming(primary, method, now(), now() + patience);
  }

  private void awaitStreaming(
      MemberAddress primary, RejoinMethod method, long begun, long giveUpAt) {
    GroupTopology topology = topology();
    if (topology == null || topology.writable().filter(primary::equals).isEmpty()) {
      notNow();
      return;
    }
    provisioner.live(
        member,
        live -> {
          if (live != null && primary.hostAndPort().equals(live.upstream())) {
            streams(primary, method, begun);
          } else if (!member.alive()) {
            failed(method, "it ended while it should begin to stream");
          } else if (now() > giveUpAt) {
            failed(method, "it does not stream from " + primary.name() + " in time");
          } else {
            provisioner.in(200 * MILLI, () -> awaitStreaming(primary, method, begun, giveUpAt));
          }
        });
  }

  private void streams(MemberAddress primary, RejoinMethod method, long begun) {
    rejoining = false;
    failed.clear();
    member.settle();
    provisioner.publish(
        new MemberRejoined(
            member.group, member.name(), primary.name(), method, (now() - begun) / MILLI));
    rest(false);
  }

  private void failed(RejoinMethod method, String reason) {
    rejoining = false;
    failed.add(method);
    provisioner.publish(new RejoinFailed(member.group, member.name(), method, reason));
    rest(false);
  }

  private void forgetFailuresOfOtherPrimaries(MemberAddress primary) {
    GroupTopology topology = topology();
    String reign = primary.name() + "/" + (topology == null ? "" : topology.epoch());
    if (!failedFor.equals(reign)) {
      failed.clear();
      failedFor = reign;
    }
  }
}
