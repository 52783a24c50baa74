package io.shardguard.events;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * What an operator asks for, on {@link Topics#COMMANDS}. The answer is the events that name the
 * command among their causes: the fact that was asked for, or {@link OperatorEvent.CommandRefused}.
 */
public sealed interface Command {

  /** The group that it is about. */
  int group();

  /** The wire name of the command's type. */
  default String wireName() {
    return getClass().getAnnotation(WireName.class).value();
  }

  /**
   * Replace the group's primary, which does not serve.
   *
   * @param acceptDataLoss promote the standby with the most WAL of those that are there, although
   *     acknowledged commits may be missing from it
   */
  @WireName("io.shardguard.command.fail-over.v1")
  record FailOver(int group, boolean acceptDataLoss) implements Command {}

  /**
   * Replace the group's primary, which serves, by one of its standbys.
   *
   * @param to which one; null: whichever is eligible
   */
  @WireName("io.shardguard.command.switch-over.v1")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record SwitchOver(int group, String to) implements Command {}

  /** Make no automatic failover in the group. */
  @WireName("io.shardguard.command.pause.v1")
  record Pause(int group) implements Command {}

  /** Make automatic failovers in the group again. */
  @WireName("io.shardguard.command.resume.v1")
  record Resume(int group) implements Command {}

  /** Do not count on the member, nor start it again. */
  @WireName("io.shardguard.command.start-maintenance.v1")
  record StartMaintenance(int group, String member) implements Command {}

  /** Count on the member again. */
  @WireName("io.shardguard.command.end-maintenance.v1")
  record EndMaintenance(int group, String member) implements Command {}
}
