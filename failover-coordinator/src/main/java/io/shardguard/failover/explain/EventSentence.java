package io.shardguard.failover.explain;

import io.shardguard.events.Event;
import io.shardguard.events.LoadBalancerEvent;
import io.shardguard.events.LoadBalancerEvent.LoadBalancerConfigured;
import io.shardguard.events.LoadBalancerEvent.LoadBalancerRejected;
import io.shardguard.events.MonitorEvent;
import io.shardguard.events.MonitorEvent.NodeDown;
import io.shardguard.events.MonitorEvent.NodeUnreachable;
import io.shardguard.events.MonitorEvent.NodeUp;
import io.shardguard.events.MonitorEvent.ObserverIsolated;
import io.shardguard.events.MonitorEvent.ReplicationBroken;
import io.shardguard.events.MonitorEvent.ReplicationCaughtUp;
import io.shardguard.events.OperatorEvent;
import io.shardguard.events.OperatorEvent.CommandRefused;
import io.shardguard.events.OperatorEvent.FailoversPaused;
import io.shardguard.events.OperatorEvent.FailoversResumed;
import io.shardguard.events.OperatorEvent.MaintenanceEnded;
import io.shardguard.events.OperatorEvent.MaintenanceStarted;
import io.shardguard.events.ProvisionerEvent;
import io.shardguard.events.ProvisionerEvent.ClusterDeclared;
import io.shardguard.events.ProvisionerEvent.ClusterReady;
import io.shardguard.events.ProvisionerEvent.Engine;
import io.shardguard.events.ProvisionerEvent.MemberCreated;
import io.shardguard.events.ProvisionerEvent.MemberExited;
import io.shardguard.events.ProvisionerEvent.MemberFenced;
import io.shardguard.events.ProvisionerEvent.MemberRejoined;
import io.shardguard.events.ProvisionerEvent.MemberStarted;
import io.shardguard.events.ProvisionerEvent.RejoinFailed;
import io.shardguard.events.ProvisionerEvent.RejoinMethod;
import io.shardguard.events.ProvisionerEvent.RejoinStarted;
import io.shardguard.events.ReplicationEvent;
import io.shardguard.events.ReplicationEvent.AttachStarted;
import io.shardguard.events.ReplicationEvent.BarringEnded;
import io.shardguard.events.ReplicationEvent.DetachStarted;
import io.shardguard.events.ReplicationEvent.FailoverRefused;
import io.shardguard.events.ReplicationEvent.MemberAdmitted;
import io.shardguard.events.ReplicationEvent.MemberBarred;
import io.shardguard.events.ReplicationEvent.RogueFound;
import io.shardguard.events.ReplicationEvent.StandbyAttached;
import io.shardguard.events.ReplicationEvent.StandbyDetached;
import io.shardguard.events.ReplicationEvent.SynchronousArmed;
import io.shardguard.events.ReplicationEvent.SynchronousRelaxed;
import io.shardguard.events.TransitionEvent;
import io.shardguard.events.TransitionEvent.BarringStarted;
import io.shardguard.events.TransitionEvent.DataLossAccepted;
import io.shardguard.events.TransitionEvent.MetadataSynced;
import io.shardguard.events.TransitionEvent.MetadataUpdated;
import io.shardguard.events.TransitionEvent.OldPrimaryEnded;
import io.shardguard.events.TransitionEvent.PromotionStarted;
import io.shardguard.events.TransitionEvent.Rejected;
import io.shardguard.events.TransitionEvent.StandbyPromoted;
import io.shardguard.events.TransitionEvent.StandbySealed;
import io.shardguard.events.TransitionEvent.StepFailed;
import io.shardguard.events.TransitionEvent.StepSkipped;
import io.shardguard.events.TransitionEvent.TransitionAbandoned;
import io.shardguard.events.TransitionEvent.TransitionCompleted;
import io.shardguard.events.TransitionEvent.TransitionStarted;
import io.shardguard.events.TransitionEvent.TwoPhaseRecovered;
import io.shardguard.events.TransitionKind;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Every event in one sentence. The group is not in it: it stands before it. */
public final class EventSentence {

  private EventSentence() {}

  public static String of(Event event) {
    return switch (event) {
      case ProvisionerEvent e -> ofProvisioner(e);
      case MonitorEvent e -> ofMonitor(e);
      case TransitionEvent e -> ofTransition(e);
      case ReplicationEvent e -> ofReplication(e);
      case OperatorEvent e -> ofOperator(e);
      case LoadBalancerEvent e -> ofLoadBalancer(e);
    };
  }

  private static String ofProvisioner(ProvisionerEvent event) {
    return switch (event) {
      case ClusterDeclared e ->
          "cluster declared: "
              + e.groups().size()
              + " groups, "
              + e.groups().stream().mapToInt(g -> g.members().size()).sum()
              + " members, on "
              + engine(e.engine());
      case MemberCreated e -> e.member() + " was made with an empty database";
      case MemberStarted e -> e.member() + " was started as a standby (process " + e.pid() + ")";
      case MemberExited e -> e.member() + " is gone: " + e.reason();
      case MemberFenced e -> "no process of " + e.member() + " is left (" + e.millis() + " ms)";
      case RejoinStarted e ->
          e.member()
              + " is made to follow "
              + e.primary()
              + " "
              + by(e.method())
              + ": "
              + e.reason();
      case MemberRejoined e ->
          e.member()
              + " follows "
              + e.primary()
              + ", "
              + by(e.method())
              + " ("
              + e.millis()
              + " ms)";
      case RejoinFailed e ->
          e.member() + " could not be made to follow " + by(e.method()) + ": " + e.reason();
      case ClusterReady e ->
          "the cluster is ready: " + e.groups() + " groups (" + e.millis() + " ms)";
    };
  }

  private static String ofMonitor(MonitorEvent event) {
    return switch (event) {
      case NodeDown e ->
          e.member()
              + " is down: "
              + e.diagnosis().sentence()
              + silence(e.silentMillis())
              + seen(e.evidence());
      case NodeUnreachable e ->
          e.member()
              + " is unreachable: observers get no answer, but it is heard by its partner; it counts as down after "
              + e.downAfterMillis()
              + " ms."
              + silence(e.silentMillis())
              + seen(e.evidence());
      case NodeUp e -> e.member() + " answers, as a " + (e.inRecovery() ? "standby" : "primary");
      case ReplicationBroken e ->
          e.standby() + " streams from " + e.primary() + " no more" + seen(e.evidence());
      case ReplicationCaughtUp e ->
          e.standby() + " streams from " + e.primary() + " and has flushed " + e.flushLsn();
      case ObserverIsolated e ->
          "observer " + e.observer() + " takes itself for cut off: it lost " + list(e.lost());
    };
  }

  private static String ofTransition(TransitionEvent event) {
    return switch (event) {
      case TransitionStarted e -> started(e);
      case StandbySealed e ->
          e.member()
              + " is sealed at "
              + e.lsn()
              + " on timeline "
              + e.timeline()
              + " ("
              + e.millis()
              + " ms)";
      case PromotionStarted e ->
          e.candidate() + " is promoted, from " + e.lsn() + rejected(e.rejected());
      case DataLossAccepted e ->
          LossText.range(e.from(), e.to()) + " may be lost that " + e.oldPrimary() + " had";
      case StandbyPromoted e ->
          e.member() + " takes writes on timeline " + e.timeline() + " (" + e.millis() + " ms)";
      case OldPrimaryEnded e ->
          e.member() == null
              ? "there is no old primary"
              : "the end of " + e.member() + " is a fact: " + e.evidence();
      case BarringStarted e ->
          "nobody says that " + e.member() + " ended: the other members are to refuse it";
      case MetadataUpdated e -> e.member() + " knows the new primary (" + e.millis() + " ms)";
      case StepSkipped e -> e.step() + " was left out for " + e.member() + ": " + e.reason();
      case TransitionAbandoned e -> "transition abandoned: " + e.reason();
      case MetadataSynced e ->
          "the workers have the metadata of " + e.member() + ", DDL works (" + e.millis() + " ms)";
      case TwoPhaseRecovered e ->
          "two-phase commits of "
              + e.member()
              + " settled: "
              + e.settled()
              + " ("
              + e.millis()
              + " ms)";
      case TransitionCompleted e ->
          "transition completed: "
              + e.primary()
              + " is primary, epoch "
              + e.epoch()
              + " ("
              + e.millis()
              + " ms)";
      case StepFailed e ->
          e.step()
              + " on "
              + e.member()
              + " "
              + (e.outcome() == TransitionEvent.Outcome.TIMED_OUT ? "timed out" : "failed")
              + ": "
              + e.reason();
    };
  }

  private static String ofReplication(ReplicationEvent event) {
    return switch (event) {
      case AttachStarted e -> e.primary() + " is to wait for " + e.standby();
      case SynchronousArmed e ->
          e.primary()
              + " waits for "
              + String.join(" or ", e.standbys())
              + " from "
              + e.lsn()
              + " on ("
              + e.millis()
              + " ms)";
      case StandbyAttached e -> e.standby() + " is eligible: it holds every acknowledged commit";
      case DetachStarted e ->
          e.standby() + " is to be eligible no more; others stay so" + seen(e.evidence());
      case StandbyDetached e -> e.standby() + " is eligible no more" + seen(e.evidence());
      case SynchronousRelaxed e -> e.primary() + " waits for nobody (" + e.millis() + " ms)";
      case RogueFound e ->
          e.member() + " takes writes, but " + e.primary() + " is the primary: it is ended";
      case MemberBarred e -> e.by() + " refuses " + e.member() + " (" + e.millis() + " ms)";
      case BarringEnded e -> e.member() + " is to be admitted again: " + e.evidence();
      case MemberAdmitted e -> e.by() + " admits " + e.member() + " again (" + e.millis() + " ms)";
      case FailoverRefused e -> "no failover: " + e.reason() + seen(e.seen());
    };
  }

  private static String ofOperator(OperatorEvent event) {
    return switch (event) {
      case FailoversPaused e -> "automatic failovers are paused, by " + e.by();
      case FailoversResumed e -> "automatic failovers are made again, by " + e.by();
      case MaintenanceStarted e -> e.member() + " is in maintenance, by " + e.by();
      case MaintenanceEnded e -> e.member() + " is in maintenance no more, by " + e.by();
      case CommandRefused e ->
          word(e.command()) + " of " + e.by() + " is not carried out: " + e.reason();
    };
  }

  /** What operators call a command: its wire name without what is the same in all. */
  private static String word(String command) {
    return command.replaceFirst("^io\\.shardguard\\.command\\.", "").replaceFirst("\\.v\\d+$", "");
  }

  private static String ofLoadBalancer(LoadBalancerEvent event) {
    return switch (event) {
      case LoadBalancerConfigured e ->
          "HAProxy serves "
              + primaries(e.primaries())
              + "; "
              + e.cut()
              + " sessions cut ("
              + e.millis()
              + " ms)";
      case LoadBalancerRejected e ->
          "a configuration of HAProxy was not put into force: " + e.reason();
    };
  }

  private static String started(TransitionStarted e) {
    return switch (e.kind()) {
      case FORMATION -> "the group gets its first primary: " + e.reason();
      case RESUMPTION -> e.oldPrimary() + " takes up its role again: " + e.reason();
      case SWITCHOVER ->
          "switchover from "
              + e.oldPrimary()
              + " to "
              + e.successor()
              + " begins (epoch "
              + e.epoch()
              + "): "
              + e.reason()
              + seen(e.evidence());
      case FAILOVER, FORCED_FAILOVER ->
          (e.kind() == TransitionKind.FORCED_FAILOVER ? "forced failover from " : "failover from ")
              + e.oldPrimary()
              + " begins (epoch "
              + e.epoch()
              + "): "
              + e.reason()
              + seen(e.evidence());
    };
  }

  private static String engine(Engine engine) {
    return switch (engine) {
      case CITUS -> "Citus";
      case STAND_IN -> "the stand-in for Citus";
    };
  }

  private static String by(RejoinMethod method) {
    return switch (method) {
      case FOLLOW -> "as it is";
      case REWIND -> "by pg_rewind";
      case BASE_BACKUP -> "by a base backup";
    };
  }

  private static String silence(long millis) {
    return millis < 0 ? " It never answered." : " Last answer " + millis + " ms before.";
  }

  private static String seen(List<String> evidence) {
    return evidence == null || evidence.isEmpty() ? "" : " [" + String.join("; ", evidence) + "]";
  }

  private static String rejected(List<Rejected> rejected) {
    return rejected == null || rejected.isEmpty()
        ? ""
        : "; not "
            + rejected.stream()
                .map(r -> r.member() + " (" + r.reason() + ")")
                .collect(Collectors.joining(", "));
  }

  private static String primaries(Map<Integer, String> primaries) {
    return primaries.isEmpty()
        ? "no group"
        : new TreeMap<>(primaries)
            .entrySet().stream()
                .map(entry -> "group " + entry.getKey() + " by " + entry.getValue())
                .collect(Collectors.joining(", "));
  }

  private static String list(List<String> names) {
    return String.join(", ", names);
  }
}
