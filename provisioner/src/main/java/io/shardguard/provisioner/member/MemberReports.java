package io.shardguard.provisioner.member;

import io.shardguard.events.Event;
import io.shardguard.events.ProvisionerEvent.RejoinMethod;

/** Whom a member's loop tells what it did. */
public interface MemberReports {

  /** Publishes an event; returns at once, and sees to it that it arrives. */
  void publish(Event event);

  /** Counts a member that follows its primary again. */
  void rejoined(RejoinMethod method);
}
