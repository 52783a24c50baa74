package io.shardguard.simulator;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One thing that goes wrong, for a while.
 *
 * @param at when it begins, in milliseconds since the beginning of the schedule
 * @param lasts until it is undone, in milliseconds; 0 if there is nothing to undo
 * @param target a member's name, a part's name or a group's number, as the kind has it
 */
public record Fault(Kind kind, String target, long at, long lasts) {

  /** What can go wrong. */
  public enum Kind {
    CRASH("%s is killed"),
    ALL_PRIMARIES("every primary is killed"),
    ALL_MEMBERS("every member is killed"),
    HANG("%s stands still"),
    DISK_FULL("the disk of %s is full"),
    CUT("%s is cut off from everybody"),
    CUT_IN("nothing reaches %s"),
    CUT_OUT("nothing leaves %s"),
    CUT_FROM_GROUP("%s is cut off from its group"),
    CUT_FROM_CONTROL("%s is cut off from the control plane, and from nobody else"),
    SLOW("the links of %s are slow"),
    HAND_PROMOTION("somebody promotes %s by hand"),
    HAND_SETTING("somebody empties synchronous_standby_names on %s"),
    KILL("%s is killed"),
    AWAY("%s is away"),
    FREEZE("%s stands still"),
    BLIND("%s reaches no member"),
    UNSEEN("monitor-1 does not reach %s"),
    DECIDERS_AWAY("no instance of failover-coordinator runs"),
    LOGLESS("%s does not reach Kafka"),
    KAFKA_AWAY("Kafka is away"),
    PAUSE("automatic failovers of group %s are paused"),
    MAINTENANCE("%s is taken into maintenance"),
    FORCE("somebody orders a failover of group %s, whatever is lost"),
    OWNER_DIES_AFTER("the owner of the decisions ends right after %s"),
    OWNER_FREEZES_AFTER("the owner of the decisions stands still right after %s"),
    SWITCHOVER("somebody orders a switchover of group %s"),
    SWITCHOVER_TO("somebody orders a switchover to %s");

    /** Nothing goes wrong by it; it comes on top of what does. */
    boolean isSwitchover() {
      return this == SWITCHOVER || this == SWITCHOVER_TO;
    }

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    /** Whom a sentence says that this happens to; empty if it does not say so. */
    Optional<String> target(String sentence) {
      Matcher matcher = Pattern.compile(words.replace("%s", "(\\S+)")).matcher(sentence);
      if (!matcher.matches()) {
        return Optional.empty();
      }
      return Optional.of(matcher.groupCount() == 0 ? "" : matcher.group(1));
    }
  }

  /** When it is over, in milliseconds. */
  public long end() {
    return at + lasts;
  }

  @Override
  public String toString() {
    String what = kind.words.formatted(target);
    return "at %.1f s %s%s"
        .formatted(at / 1e3, what, lasts == 0 ? "" : ", for %.1f s".formatted(lasts / 1e3));
  }
}
