package io.shardguard.cli.view;

import io.shardguard.events.ReplicationEvent.Refusal;

/** Why a group gets no primary, in one sentence; docs/runbook.md says what to do. */
public final class RefusalText {

  private RefusalText() {}

  public static String of(Refusal refusal) {
    return switch (refusal) {
      case NO_ELIGIBLE_STANDBY -> "no standby surely holds every acknowledged commit";
      case ELIGIBLE_STANDBY_AWAY ->
          "an eligible standby is away, and acknowledged commits may be on it alone";
      case ELIGIBLE_STANDBY_DIVERGED ->
          "an eligible standby was made writable by somebody else, or has another history";
      case PAUSED -> "an operator paused automatic failovers";
      case MAINTENANCE -> "the primary is in maintenance";
      case FLAPPING -> "too many automatic failovers in a short time";
      case NO_MAJORITY -> "most observers do not say that the primary is down";
    };
  }
}
