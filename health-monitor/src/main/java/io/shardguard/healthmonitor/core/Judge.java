package io.shardguard.healthmonitor.core;

import static io.shardguard.events.Diagnosis.CONNECTION_REFUSED;
import static io.shardguard.events.Diagnosis.CONNECTION_REFUSED_WITNESSED;
import static io.shardguard.events.Diagnosis.NO_NEW_SESSIONS;
import static io.shardguard.events.Diagnosis.PROCESS_EXITED;
import static io.shardguard.events.Diagnosis.SILENT;
import static io.shardguard.events.Diagnosis.SILENT_WITNESSED;
import static io.shardguard.events.Diagnosis.STARTING;
import static io.shardguard.events.Diagnosis.TOO_MANY_CONNECTIONS;
import static io.shardguard.events.Diagnosis.UNREACHABLE;

import io.shardguard.events.Diagnosis;
import io.shardguard.events.Observation.Verdict;
import io.shardguard.healthmonitor.core.History.Failure;
import io.shardguard.healthmonitor.core.History.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Gives the verdict on one member: the rules of evidence. */
final class Judge {

  private final Watch watch;
  private final Limits limits;
  private final Instant now;
  private final Instant attentiveSince;
  private final boolean isolated;

  /**
   * @param attentiveSince since when the observer has looked without a gap
   * @param isolated silence proves nothing now
   */
  Judge(Watch watch, Instant now, Instant attentiveSince, boolean isolated) {
    this.watch = watch;
    this.limits = watch.limits();
    this.now = now;
    this.attentiveSince = attentiveSince;
    this.isolated = isolated;
  }

  /** The verdict, with the time of the last one if it is the same. */
  Judgement judge(Watched member, Testimony testimony) {
    Judgement last = member.judgement();
    Judgement next = verdict(member, testimony);
    return next.verdict() == last.verdict()
        ? new Judgement(next.verdict(), next.diagnosis(), next.evidence(), last.since())
        : next;
  }

  private Judgement verdict(Watched member, Testimony testimony) {
    History history = member.history();
    if (history.ended()) {
      return is(
          Verdict.DOWN, PROCESS_EXITED, List.of("the process ended: " + history.exit().reason()));
    }
    // Down stays down until a sign of life: a witness that moves on, promoted, takes nothing back.
    if (member.judgement().is(Verdict.DOWN) && !history.signAfter(member.judgement().since())) {
      return member.judgement();
    }
    Failure failure = history.failure();
    if (failure != null && failure.kind().signOfLife()) {
      return alive(failure);
    }
    if (history.answer() != null && (failure == null || stillUp(history, failure))) {
      return up(history);
    }
    if (history.lastSign() == null && !overdue(member)) {
      return is(Verdict.UNKNOWN, null, List.of());
    }
    return failing(history, failure, testimony);
  }

  /** A broken session alone says little: the new one that is tried at once says more. */
  private boolean stillUp(History history, Failure failure) {
    return failure.kind() == Kind.BROKEN
        && history.silence(now, attentiveSince).compareTo(limits.suspectAfter()) < 0;
  }

  private Judgement up(History history) {
    return switch (history.newSession().outcome()) {
      case ACCEPTED -> is(Verdict.UP, null, List.of());
      case NOT_ACCEPTED -> is(Verdict.UP, NO_NEW_SESSIONS, List.of(history.newSession().reason()));
      case TOO_MANY_CONNECTIONS ->
          is(Verdict.UP, TOO_MANY_CONNECTIONS, List.of(history.newSession().reason()));
    };
  }

  private Judgement alive(Failure failure) {
    return switch (failure.kind()) {
      case STARTING -> is(Verdict.STARTING, STARTING, List.of(failure.words()));
      case TOO_MANY_CONNECTIONS ->
          is(Verdict.SUSPECT, TOO_MANY_CONNECTIONS, List.of(failure.words()));
      case LOGIN_REJECTED -> is(Verdict.SUSPECT, NO_NEW_SESSIONS, List.of(failure.words()));
      case BROKEN, SILENT, REFUSED ->
          throw new IllegalArgumentException("no sign of life: " + failure.kind());
    };
  }

  private Judgement failing(History history, Failure failure, Testimony testimony) {
    if (failure == null) {
      return is(Verdict.UNKNOWN, null, List.of());
    }
    List<String> evidence = new ArrayList<>();
    evidence.add(failure.words());
    evidence.addAll(testimony.words());
    Duration silence = history.silence(now, attentiveSince);
    return failure.kind() == Kind.REFUSED
        ? refused(Duration.between(failure.since(), now), testimony, evidence)
        : silent(silence, testimony, evidence);
  }

  private Judgement refused(Duration failing, Testimony testimony, List<String> evidence) {
    return switch (testimony.word()) {
      case LOST -> is(Verdict.DOWN, CONNECTION_REFUSED_WITNESSED, evidence);
      case STREAMS -> after(limits.unreachableAfter(), failing, UNREACHABLE, evidence);
      case NONE -> after(limits.refusedAlone(), failing, CONNECTION_REFUSED, evidence);
    };
  }

  private Judgement silent(Duration silence, Testimony testimony, List<String> evidence) {
    evidence.add("no answer for " + silence.toMillis() + " ms");
    if (isolated) {
      return is(Verdict.SUSPECT, SILENT, evidence);
    }
    return switch (testimony.word()) {
      case LOST -> after(limits.silentAfter(), silence, SILENT_WITNESSED, evidence);
      case STREAMS -> after(limits.unreachableAfter(), silence, UNREACHABLE, evidence);
      case NONE -> after(limits.silentAlone(), silence, SILENT, evidence);
    };
  }

  private Judgement after(
      Duration bound, Duration failing, Diagnosis diagnosis, List<String> evidence) {
    return is(failing.compareTo(bound) >= 0 ? Verdict.DOWN : Verdict.SUSPECT, diagnosis, evidence);
  }

  /**
   * A member that nobody saw alive, but that should be: it was started, or decisions rest on it.
   * One that is still to be made, however long that takes, is not down.
   */
  private boolean overdue(Watched member) {
    Optional<Instant> started = watch.startedAt(member);
    if (started.isEmpty()) {
      return false;
    }
    Instant since = member.history().since();
    Instant from = started.get().isAfter(since) ? started.get() : since;
    return Duration.between(from, now).compareTo(limits.startGrace()) >= 0;
  }

  private Judgement is(Verdict verdict, Diagnosis diagnosis, List<String> evidence) {
    return new Judgement(verdict, diagnosis, List.copyOf(evidence), now);
  }
}
