package io.shardguard.simulator;

import io.shardguard.events.Event;
import io.shardguard.events.LoadBalancerEvent;
import io.shardguard.events.MonitorEvent.NodeDown;
import io.shardguard.events.MonitorEvent.NodeUp;
import io.shardguard.events.MonitorEvent.ObserverIsolated;
import io.shardguard.events.MonitorEvent.ReplicationBroken;
import io.shardguard.events.MonitorEvent.ReplicationCaughtUp;
import io.shardguard.events.OperatorEvent.CommandRefused;
import io.shardguard.events.OperatorEvent.FailoversPaused;
import io.shardguard.events.OperatorEvent.FailoversResumed;
import io.shardguard.events.OperatorEvent.MaintenanceEnded;
import io.shardguard.events.OperatorEvent.MaintenanceStarted;
import io.shardguard.events.ProvisionerEvent.ClusterDeclared;
import io.shardguard.events.ProvisionerEvent.ClusterReady;
import io.shardguard.events.ProvisionerEvent.MemberCreated;
import io.shardguard.events.ProvisionerEvent.MemberExited;
import io.shardguard.events.ProvisionerEvent.MemberFenced;
import io.shardguard.events.ProvisionerEvent.MemberRejoined;
import io.shardguard.events.ProvisionerEvent.MemberStarted;
import io.shardguard.events.ProvisionerEvent.RejoinFailed;
import io.shardguard.events.ProvisionerEvent.RejoinStarted;
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
import io.shardguard.events.TransitionEvent.BarringStarted;
import io.shardguard.events.TransitionEvent.DataLossAccepted;
import io.shardguard.events.TransitionEvent.MetadataUpdated;
import io.shardguard.events.TransitionEvent.OldPrimaryEnded;
import io.shardguard.events.TransitionEvent.PromotionStarted;
import io.shardguard.events.TransitionEvent.StandbyPromoted;
import io.shardguard.events.TransitionEvent.StandbySealed;
import io.shardguard.events.TransitionEvent.StepFailed;
import io.shardguard.events.TransitionEvent.StepSkipped;
import io.shardguard.events.TransitionEvent.TransitionAbandoned;
import io.shardguard.events.TransitionEvent.TransitionCompleted;
import io.shardguard.events.TransitionEvent.TransitionStarted;
import io.shardguard.events.TransitionEvent.TwoPhaseRecovered;

/** Events as sentences of a transcript. */
final class Sentences {

  private Sentences() {}

  static String of(Event event) {
    return switch (event) {
      case NodeDown e -> e.observer() + " says that " + e.member() + " is down: " + e.evidence();
      case NodeUp e ->
          e.observer()
              + " says that "
              + e.member()
              + " answers"
              + (e.inRecovery() ? ", as a standby" : ", and takes writes");
      case ObserverIsolated e -> e.observer() + " takes itself for cut off: it lost " + e.lost();
      case ReplicationBroken e ->
          e.standby() + " streams no more from " + e.primary() + ": " + e.evidence();
      case ReplicationCaughtUp e -> e.standby() + " has caught up with " + e.primary();
      case CommandRefused e -> "refused: " + e.reason();
      case FailoversPaused e -> "automatic failovers of group " + e.group() + " are paused";
      case FailoversResumed e -> "automatic failovers of group " + e.group() + " are made again";
      case MaintenanceStarted e -> e.member() + " is in maintenance";
      case MaintenanceEnded e -> e.member() + " is in maintenance no more";
      case ClusterDeclared e -> "the wanted cluster is declared";
      case ClusterReady e -> "the cluster can be used";
      case MemberCreated e -> e.member() + " was made anew";
      case MemberExited e -> e.member() + " is gone: " + e.reason();
      case MemberFenced e -> "no process of " + e.member() + " is left, for " + e.transition();
      case MemberRejoined e -> e.member() + " follows " + e.primary() + " (" + e.method() + ")";
      case MemberStarted e -> e.member() + " was started, as a standby";
      case RejoinFailed e -> e.member() + " could not rejoin by " + e.method() + ": " + e.reason();
      case RejoinStarted e ->
          e.member()
              + " is made to follow "
              + e.primary()
              + " by "
              + e.method()
              + ": "
              + e.reason();
      case AttachStarted e -> e.primary() + " is to wait for " + e.standby();
      case BarringEnded e -> e.member() + " has ended, and may be admitted again: " + e.evidence();
      case DetachStarted e -> e.standby() + " shall be eligible no more: " + e.evidence();
      case FailoverRefused e ->
          "group "
              + e.group()
              + " gets no primary, "
              + e.refusal()
              + ": "
              + e.reason()
              + " "
              + e.seen();
      case MemberAdmitted e -> e.by() + " admits " + e.member();
      case MemberBarred e -> e.by() + " refuses " + e.member();
      case RogueFound e -> e.member() + " takes writes, and is not the primary";
      case StandbyAttached e -> e.standby() + " is eligible: it holds every acknowledged commit";
      case StandbyDetached e -> e.standby() + " is eligible no more: " + e.evidence();
      case SynchronousArmed e ->
          e.primary() + " waits for one of " + e.standbys() + " from " + e.lsn() + " on";
      case SynchronousRelaxed e -> e.primary() + " waits for nobody";
      case BarringStarted e -> "all others are to refuse " + e.member();
      case DataLossAccepted e ->
          "what only " + e.oldPrimary() + " has after " + e.from() + " is given up";
      case MetadataUpdated e -> e.member() + " knows the new primary";
      case OldPrimaryEnded e -> "the end of " + e.member() + " is a fact: " + e.evidence();
      case PromotionStarted e -> e.candidate() + " is promoted, from " + e.lsn() + rejected(e);
      case StandbyPromoted e -> e.member() + " takes writes on timeline " + e.timeline();
      case StandbySealed e ->
          e.member() + " is sealed at " + e.lsn() + " on timeline " + e.timeline();
      case StepFailed e ->
          e.step()
              + " on "
              + e.member()
              + " "
              + (e.outcome() == io.shardguard.events.TransitionEvent.Outcome.FAILED
                  ? "failed: "
                  : "came to nobody knows what: ")
              + e.reason();
      case StepSkipped e -> e.step() + " is left out for " + e.member() + ": " + e.reason();
      case TransitionAbandoned e -> e.transition() + " is given up: " + e.reason();
      case TransitionCompleted e ->
          e.transition() + " is complete: " + e.primary() + " is primary, epoch " + e.epoch();
      case TransitionStarted e ->
          e.transition() + " begins (" + e.kind() + "): " + e.reason() + " " + e.evidence();
      case TwoPhaseRecovered e -> "two-phase commits of " + e.member() + " are settled";
      case LoadBalancerEvent e -> e.toString();
    };
  }

  private static String rejected(PromotionStarted e) {
    return e.rejected().isEmpty() ? "" : "; rejected: " + e.rejected();
  }
}
