package io.shardguard.provisioner.core;

import io.shardguard.events.MemberAddress;
import java.time.Duration;

/** What one member needs next. */
public sealed interface Wish {

  /**
   * A member that runs without an answer for so long is taken for one that does not come up with
   * its data.
   */
  Duration SILENCE = Duration.ofSeconds(90);

  /** So many quick ends in a row, and its data is given up in favour of a copy of the primary's. */
  int QUICK_EXITS = 4;

  /** All is as it should be. */
  record Content(String state) implements Wish {}

  /** Nothing can or may be done now. */
  record Wait(String reason) implements Wish {}

  /** It is made anew, with an empty database. */
  record Create() implements Wish {}

  /** It is started, as a standby. */
  record Start() implements Wish {}

  /** It is made as a copy of the primary. */
  record Clone(MemberAddress primary, String reason) implements Wish {}

  /** Its old data is put back in the place of what should have replaced it. */
  record BringBack(String reason) implements Wish {}

  /** It takes writes without being the primary, as it seems: its processes are ended if so. */
  record Expel() implements Wish {}

  /** It runs and answers, and shall follow this primary. */
  record Rejoin(MemberAddress primary) implements Wish {}

  /** The wish for a member in this situation. */
  static Wish of(Situation s) {
    if (s.looksLikeARogue()) {
      return new Expel();
    }
    if (s.inMaintenance()) {
      return new Wait("it is in maintenance" + (s.running() ? "" : " and does not run"));
    }
    if (!s.dataHere()) {
      return withoutData(s);
    }
    if (s.ruined() && !s.streams()) {
      return copyOrWait(s, "a rewind of its data was interrupted");
    }
    return s.running() ? running(s) : ended(s);
  }

  private static Wish withoutData(Situation s) {
    if (s.isPrimary() && s.putAside()) {
      return new BringBack("it has no other data, and is the primary");
    }
    if (s.isPrimary()) {
      return new Wait(
          "the group's primary has no data here: bring its data back, or decide for another member");
    }
    if (s.first() && !s.groupHasData() && !s.groupIsDecided()) {
      return new Create();
    }
    return copyOrWait(s, "it has no data");
  }

  private static Wish copyOrWait(Situation s, String reason) {
    if (s.diskFull() && s.primaryToFollow().isPresent()) {
      return new Wait(s.withRoom(reason) + ": a copy needs room");
    }
    return s.primaryToFollow()
        .<Wish>map(primary -> new Clone(primary, reason))
        .orElseGet(() ->
            s.putAside()
                ? new BringBack(reason + ", and there is no primary to copy")
                : new Wait(reason + ", and there is no primary to copy yet"));
  }

  private static Wish ended(Situation s) {
    if (s.mustBeFencedFirst()) {
      return new Wait("it is being fenced for " + s.topology().transition().id());
    }
    // On a full disk a copy of the primary would not last any longer.
    if (s.quickExits() >= QUICK_EXITS && s.primaryToFollow().isPresent() && !s.diskFull()) {
      return copyOrWait(s, "it ended soon after its start " + s.quickExits() + " times in a row");
    }
    if (s.pauseLeft().isPositive()) {
      return new Wait(
          s.withRoom(
              "it ended, and is started again after a pause (quick ends in a row: "
                  + s.quickExits()
                  + ")"));
    }
    return new Start();
  }

  private static Wish running(Situation s) {
    if (s.isPrimary()) {
      return new Content(s.withRoom("primary"));
    }
    if (s.primaryToFollow().isEmpty()) {
      return new Wait("the group has no primary that takes writes");
    }
    if (s.live() == null) {
      return s.silentFor().compareTo(SILENCE) > 0
          ? copyOrWait(s, "it did not answer for " + s.silentFor().toSeconds() + " s")
          : new Wait("it is starting up");
    }
    MemberAddress primary = s.primaryToFollow().get();
    return s.streams()
        ? new Content(s.withRoom("standby of " + primary.name()))
        : new Rejoin(primary);
  }
}
