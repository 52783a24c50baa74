package io.shardguard.simulator;

import static io.shardguard.simulator.Agenda.MILLI;
import static io.shardguard.simulator.Agenda.SECOND;

import io.shardguard.events.Event;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.GroupTopology.Sealing;
import io.shardguard.events.GroupTopology.Transition;
import io.shardguard.events.ProvisionerEvent.ClusterDeclared;
import io.shardguard.events.ProvisionerEvent.Engine;
import io.shardguard.events.ProvisionerEvent.Group;
import io.shardguard.events.ProvisionerEvent.MemberExited;
import io.shardguard.events.ProvisionerEvent.MemberFenced;
import io.shardguard.events.ReplicationEvent.RogueFound;
import io.shardguard.events.TransitionEvent.TransitionStarted;
import io.shardguard.provisioner.core.Situation;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The provisioner: a keeper for each member, and the fence. */
final class Provisioner extends Actor {

  static final String SERVICE = "provisioner";

  private static final Duration NEWS = Duration.ofSeconds(3);
  private static final long PAUSE = 500 * MILLI;

  private final boolean remote;
  private final Map<String, Keeper> keepers = new LinkedHashMap<>();
  private final Map<Integer, GroupTopology> known = new TreeMap<>();
  private final Set<String> begun = new HashSet<>();
  private final Set<String> fenced = new HashSet<>();
  private Outbox outbox;

  /** {@code remote}: it reaches members over the network alone, to start and end them too. */
  Provisioner(World world, boolean remote, long skew) {
    super(world, "provisioner", skew);
    this.remote = remote;
  }

  void start() {
    begin();
    keepers.clear();
    known.clear();
    begun.clear();
    fenced.clear();
    outbox = new Outbox(this, SERVICE);
    in(world.chance.between(100 * MILLI, SECOND), this::readTopology);
  }

  private void readTopology() {
    world.kafka.readTopology(
        this,
        groups -> {
          if (groups == null) {
            in(SECOND, this::readTopology);
          } else {
            keep(groups);
          }
        });
  }

  private void keep(Map<Integer, GroupTopology> groups) {
    known.putAll(groups);
    world.kafka.subscribe(this, row -> take(row.value(), row.at()));
    outbox.publish(
        new ClusterDeclared(
            world.groups().entrySet().stream()
                .map(g -> new Group(g.getKey(), g.getValue().stream().map(m -> m.address).toList()))
                .toList(),
            Engine.CITUS,
            "simulated"));
    for (List<Member> group : world.groups().values()) {
      for (Member member : group) {
        keepers.put(member.name(), new Keeper(this, member, group));
      }
    }
    keepers.values().forEach(Keeper::begin);
    known.values().forEach(group -> heed(group, clock()));
  }

  private void take(Object value, Instant said) {
    if (value instanceof GroupTopology group) {
      known.put(group.group(), group);
      heed(group, said);
      world.groups().get(group.group()).forEach(m -> keepers.get(m.name()).wake());
    } else if (value instanceof Event event) {
      heed(event, said);
    }
  }

  GroupTopology known(int group) {
    return known.get(group);
  }

  void publish(Event event) {
    outbox.publish(event);
  }

  /** What is done to the member's processes and files can be done now. */
  boolean reaches(Member member) {
    return !remote || world.network.openBothWays(host, member.host);
  }

  /** A member's processes are gone; called when it happens, seen when it can be. */
  void exited(Member member, String reason) {
    int life = life();
    world.agenda.in(
        world.chance.between(2 * MILLI, 80 * MILLI),
        () -> exec(life, () -> seeExit(member, reason)));
  }

  private void seeExit(Member member, String reason) {
    if (!reaches(member)) {
      in(SECOND, () -> seeExit(member, reason));
      return;
    }
    publish(new MemberExited(member.group, member.name(), reason));
    Keeper keeper = keepers.get(member.name());
    if (keeper != null) {
      keeper.exited();
    }
  }

  /** The newest topology of the member's group; null if the log's end cannot be read. */
  void newest(int group, Consumer<GroupTopology> then) {
    if (world.conduct.lacks(Habit.THE_LOG_IS_READ_TO_ITS_END)) {
      then.accept(known.get(group));
      return;
    }
    world.kafka.readTopology(
        this, groups -> then.accept(groups == null ? null : groups.get(group)));
  }

  // ---- the fence

  private void heed(GroupTopology group, Instant said) {
    Transition open = group.transition();
    if (open != null && open.replacesPrimary() && !open.oldPrimaryEnded()) {
      begin(open.id(), open.id(), open.oldPrimary(), said);
    }
    if (group.barred() != null && !group.barred().ended()) {
      begin("barred" + group.epoch().value(), "barred", group.barred().member(), said);
    }
  }

  private void heed(Event event, Instant said) {
    if (event instanceof TransitionStarted started && started.kind().replacesPrimary()) {
      begin(started.transition(), started.transition(), started.oldPrimary(), said);
    } else if (event instanceof RogueFound found) {
      expel(world.member(found.member()));
    }
  }

  private void begin(String occasion, String transition, String oldPrimary, Instant said) {
    if (oldPrimary == null
        || world.conduct.lacks(Habit.OLD_PRIMARIES_ARE_ENDED)
        || !begun.add(occasion + "/" + oldPrimary)) {
      return;
    }
    Member member = world.member(oldPrimary);
    in(
        world.chance.between(MILLI, 20 * MILLI),
        () -> {
          boolean news = Duration.between(said, clock()).abs().compareTo(NEWS) < 0;
          if (news) {
            endForGood(member, transition);
          } else {
            endIfStillWanted(member, transition);
          }
        });
  }

  private void endIfStillWanted(Member member, String transition) {
    newest(
        member.group,
        group -> {
          if (group == null) {
            in(PAUSE, () -> endIfStillWanted(member, transition));
          } else if ((!member.name().equals(group.primary()) || opens(group, transition))
              && Situation.isToBeFenced(group, member.name())) {
            endForGood(member, transition);
          }
        });
  }

  private static boolean opens(GroupTopology group, String transition) {
    return group.transition() != null && group.transition().id().equals(transition);
  }

  private void endForGood(Member member, String transition) {
    kill(
        member,
        () -> {
          publish(new MemberFenced(member.group, member.name(), transition, 20));
          fenced.add(transition + "/" + member.name());
          keepers.get(member.name()).endedOnPurpose();
        });
  }

  boolean isFenced(GroupTopology topology, Member member) {
    Transition open = topology.transition();
    return open != null && fenced.contains(open.id() + "/" + member.name());
  }

  /** Ends the member's processes, as soon as that can be done. */
  void kill(Member member, Runnable then) {
    if (!reaches(member)) {
      in(PAUSE, () -> kill(member, then));
      return;
    }
    member.crash("ended by signal 9");
    in(world.chance.between(5 * MILLI, 60 * MILLI), then);
  }

  /** Ends a member that takes writes, if nobody decided that it should. */
  void expel(Member member) {
    if (world.conduct.lacks(Habit.ROGUES_ARE_ENDED) || !begun.add("rogue/" + member.name())) {
      return;
    }
    live(
        member,
        live ->
            newest(
                member.group,
                group -> {
                  begun.remove("rogue/" + member.name());
                  boolean inRecovery = live != null && live.inRecovery();
                  if (group != null
                      && !inRecovery
                      && alibi(member, group, live != null).isEmpty()) {
                    member.noteRogue();
                    endForGood(member, "rogue");
                  }
                }));
  }

  private static Optional<String> alibi(Member member, GroupTopology group, boolean writable) {
    String name = member.name();
    Transition open = group.transition();
    if (name.equals(group.primary())) {
      return Optional.of("it is the primary");
    }
    if (Situation.beingPromoted(group, name)) {
      return Optional.of("it is being promoted");
    }
    return !writable
            && open != null
            && open.step() instanceof Sealing s
            && s.toSeal().contains(name)
        ? Optional.of("it does not answer, and may be promoted")
        : Optional.empty();
  }

  /** A member's own word; null if it does not answer. */
  void live(Member member, Consumer<Situation.Live> then) {
    session(
        member,
        session ->
            session.ask(
                3 * SECOND,
                m -> Reply.ok(live(m)),
                reply -> {
                  session.close();
                  then.accept(reply.ok() ? (Situation.Live) reply.value() : null);
                }),
        () -> then.accept(null));
  }

  private static Situation.Live live(Member m) {
    Member from = m.streamsFrom();
    return new Situation.Live(m.inRecovery(), from == null ? null : from.address.hostAndPort());
  }

  void session(Member member, Consumer<Session> then, Runnable otherwise) {
    Session.open(
        this,
        member,
        Session.Owner.of(SERVICE),
        3 * SECOND,
        reply -> {
          if (reply.ok()) {
            then.accept((Session) reply.value());
          } else {
            otherwise.run();
          }
        });
  }
}
