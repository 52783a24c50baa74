package io.shardguard.cli.drill.fault;

import io.shardguard.cli.Failure;
import io.shardguard.cli.drill.fault.NetworkFault.Cut;
import io.shardguard.cli.drill.fault.NetworkFault.Delay;
import io.shardguard.cli.drill.fault.NetworkFault.Direction;
import io.shardguard.cli.drill.fault.NetworkFault.Loss;
import io.shardguard.cli.drill.fault.NetworkFault.Peer;
import io.shardguard.cli.local.Command;
import io.shardguard.cli.local.Installation;
import io.shardguard.cli.local.Parts;
import io.shardguard.cli.local.Superuser;
import io.shardguard.eventlog.CommandSender;
import io.shardguard.events.Command.SwitchOver;
import io.shardguard.events.EventCodec;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.MemberAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** Brings faults about in a running cluster of this machine, and undoes them. */
public final class FaultInjector {

  private static final Duration KAFKA = Duration.ofSeconds(10);
  private static final Duration COMMAND = Duration.ofHours(1);
  private static final Duration SLOW_BY = Duration.ofMillis(150);
  private static final Duration SLOW_JITTER = Duration.ofMillis(100);
  private static final int LOST_PERCENT = 20;

  private final Installation installation;
  private final MemberFaults servers;
  private final PartFaults parts;
  private final Superuser superuser;

  public FaultInjector(Installation installation) {
    this.installation = installation;
    this.servers = MemberFaults.of(installation);
    this.parts = new PartFaults(Parts.of(installation));
    this.superuser = new Superuser(installation);
  }

  /**
   * A fault that is on.
   *
   * @param members whom it hit; empty if no member was meant
   * @param undo ends what lasts of it; may be called again
   * @param putRight what else must be seen before the cluster is as it was
   */
  public record Inflicted(List<String> members, Runnable undo, BooleanSupplier putRight) {}

  /**
   * Brings a fault about.
   *
   * @param topology who is what, by group
   * @throws Failure if it cannot be
   */
  public Inflicted inflict(Fault fault, Map<Integer, GroupTopology> topology) {
    return switch (fault) {
      case Fault.OnServer f -> {
        String member = member(f.target(), topology);
        yield lasting(member, servers.inflict(member, f.what()));
      }
      case Fault.OnPart f ->
          new Inflicted(List.of(), parts.inflict(f.part(), f.what()), () -> true);
      case Fault.OnLink f -> onLink(f, topology);
      case Fault.ByHand f -> byHand(f, topology);
      case Fault.Switchover f -> switchover(f, topology);
      case Fault.Outside f -> outside(f);
      case Fault.Together f -> together(f, topology);
    };
  }

  private static Inflicted lasting(String member, Runnable undo) {
    return new Inflicted(List.of(member), undo, () -> true);
  }

  private Inflicted onLink(Fault.OnLink fault, Map<Integer, GroupTopology> topology) {
    String member = member(fault.target(), topology);
    if (fault.what() == LinkFault.DISCONNECTED) {
      return lasting(member, new EngineDisconnect(installation).inflict(member));
    }
    NetworkFaults network = NetworkFaults.of(installation);
    Set<String> others =
        topology.get(fault.target().group()).members().stream()
            .map(MemberAddress::name)
            .filter(name -> !name.equals(member))
            .collect(Collectors.toSet());
    network.inflict(member, networkFault(fault.what(), others));
    return lasting(member, () -> network.heal(member));
  }

  private static NetworkFault networkFault(LinkFault what, Set<String> othersOfItsGroup) {
    return switch (what) {
      case CUT_FROM_EVERYBODY -> new Cut(new Peer.Everybody(), Direction.BOTH);
      case CUT_FROM_OBSERVERS -> new Cut(new Peer.Observers(), Direction.BOTH);
      case CUT_WITHIN_GROUP -> new Cut(new Peer.Members(othersOfItsGroup), Direction.BOTH);
      case DEAF -> new Cut(new Peer.Everybody(), Direction.IN);
      case MUTE -> new Cut(new Peer.Everybody(), Direction.OUT);
      case SLOW -> new Delay(SLOW_BY, SLOW_JITTER);
      case LOSSY -> new Loss(LOST_PERCENT);
      case DISCONNECTED -> throw new IllegalArgumentException("the engine's work, not a filter's");
    };
  }

  private Inflicted byHand(Fault.ByHand fault, Map<Integer, GroupTopology> topology) {
    HandFaults hand = new HandFaults(superuser);
    return switch (fault.what()) {
      case PROMOTE -> {
        String standby = member(new Target(Target.Role.STANDBY, fault.group()), topology);
        hand.promote(standby);
        yield lasting(standby, () -> {});
      }
      case UNSET_SYNCHRONOUS -> {
        String primary = member(new Target(Target.Role.PRIMARY, fault.group()), topology);
        hand.unsetSynchronous(primary);
        yield new Inflicted(
            List.of(primary),
            () -> {},
            () -> {
              var shown = superuser.run(primary, "SHOW synchronous_standby_names");
              return shown.ok() && !shown.output().isEmpty();
            });
      }
    };
  }

  private Inflicted switchover(Fault.Switchover fault, Map<Integer, GroupTopology> topology) {
    String primary = member(new Target(Target.Role.PRIMARY, fault.group()), topology);
    try (CommandSender sender = new CommandSender(installation.bootstrapServers(), KAFKA)) {
      sender.send(
          EventCodec.envelope(
              UUID.randomUUID().toString(),
              "drill",
              Instant.now(),
              installation.cluster(),
              new SwitchOver(fault.group(), null)));
    } catch (TimeoutException e) {
      throw Failure.failed("The switchover could not be ordered.", "See ./shardguard events.", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Failure.failed("Interrupted while a switchover was ordered.", "See the log.", e);
    }
    return lasting(primary, () -> {});
  }

  private static Inflicted outside(Fault.Outside fault) {
    if (fault.command() != null) {
      Command.Result result = Command.run(COMMAND, List.of("sh", "-c", fault.command()));
      if (!result.ok()) {
        throw Failure.failed(
            "The command " + fault.command() + " failed: " + result.output(),
            "Correct it; look at ./shardguard status.");
      }
    }
    return new Inflicted(List.of(), () -> {}, () -> true);
  }

  private Inflicted together(Fault.Together fault, Map<Integer, GroupTopology> topology) {
    Inflicted first = inflict(fault.first(), topology);
    try {
      Inflicted second = inflict(fault.second(), topology);
      List<String> members = new ArrayList<>(first.members());
      members.addAll(second.members());
      return new Inflicted(
          members,
          () -> {
            first.undo().run();
            second.undo().run();
          },
          () -> first.putRight().getAsBoolean() && second.putRight().getAsBoolean());
    } catch (RuntimeException e) {
      first.undo().run();
      throw e;
    }
  }

  private static String member(Target target, Map<Integer, GroupTopology> topology) {
    GroupTopology group = topology.get(target.group());
    if (group == null || group.primary() == null) {
      throw Failure.failed(
          "Group " + target.group() + " has no primary.", "Look at ./shardguard status.");
    }
    if (target.role() == Target.Role.PRIMARY) {
      return group.primary();
    }
    List<MemberAddress> standbys = group.standbys();
    if (standbys.isEmpty()) {
      throw Failure.precondition(
          "Group " + target.group() + " has no standby.", "./shardguard status names the groups.");
    }
    return standbys.get(target.which() % standbys.size()).name();
  }
}
