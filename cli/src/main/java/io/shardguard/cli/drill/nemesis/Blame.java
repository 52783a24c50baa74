package io.shardguard.cli.drill.nemesis;

import io.shardguard.cli.drill.Ledger;
import io.shardguard.cli.drill.nemesis.NemesisReport.FaultRecord;
import io.shardguard.cli.drill.nemesis.NemesisReport.FirstBad;
import io.shardguard.cli.drill.nemesis.NemesisReport.Rows;
import io.shardguard.cli.view.EventLine;
import io.shardguard.events.Envelope;
import io.shardguard.events.Event;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Finds what went wrong first, and what was going on then. */
final class Blame {

  private final TwoClocks clock;
  private final List<FaultRecord> faults;
  private final List<Envelope<Event>> events;
  private final Acknowledgements acknowledgements;

  /** When rows and transfers were acknowledged; those that never were are left out. */
  interface Acknowledgements {
    List<Ledger.Write> writes(List<Long> ids);

    List<TransferLedger.Acknowledged> transfers(List<Long> ids);
  }

  /** A finding with the moment of its acknowledgement. */
  private record Dated(String what, long nanos) {}

  /**
   * A finder.
   *
   * @param events by time
   */
  Blame(
      TwoClocks clock,
      List<FaultRecord> faults,
      List<Envelope<Event>> events,
      Acknowledgements acknowledgements) {
    this.clock = clock;
    this.faults = faults;
    this.events = events;
    this.acknowledgements = acknowledgements;
  }

  /** The first bad thing; empty if nothing is. */
  Optional<FirstBad> first(Rows rows, TransferLedger.Audit audit) {
    List<Dated> dated = new ArrayList<>();
    writes(dated, "lost row ", rows.lost());
    writes(dated, "doubled row ", rows.duplicated());
    transfers(dated, "lost transfer ", audit.lost());
    transfers(dated, "half-applied transfer ", audit.halfApplied());
    transfers(dated, "doubled transfer ", audit.duplicated());
    return dated.stream()
        .min(Comparator.comparingLong(Dated::nanos))
        .map(this::bad)
        .or(() -> undated(rows, audit));
  }

  private void writes(List<Dated> dated, String what, List<Long> ids) {
    acknowledgements.writes(ids).stream()
        .map(write -> new Dated(what + write.id() + " of group " + write.group(), write.nanos()))
        .forEach(dated::add);
  }

  private void transfers(List<Dated> dated, String what, List<Long> ids) {
    acknowledgements.transfers(ids).stream()
        .map(each -> new Dated(what + each.transfer(), each.nanos()))
        .forEach(dated::add);
  }

  private FirstBad bad(Dated dated) {
    Instant at = clock.time(dated.nanos());
    return new FirstBad(
        dated.what(),
        at,
        faults.stream()
            .filter(fault -> !fault.injectedAt().isAfter(at))
            .reduce((a, b) -> b)
            .map(fault -> fault.number() + ". " + fault.fault())
            .orElse(null),
        events.stream()
            .filter(event -> event.time().isAfter(at))
            .findFirst()
            .map(event -> EventLine.of(event, ZoneOffset.UTC))
            .orElse(null));
  }

  private static Optional<FirstBad> undated(Rows rows, TransferLedger.Audit audit) {
    if (!audit.halfApplied().isEmpty()) {
      return Optional.of(
          without(
              "half-applied transfer " + audit.halfApplied().getFirst() + ", not acknowledged"));
    }
    if (!audit.duplicated().isEmpty()) {
      return Optional.of(
          without("doubled transfer " + audit.duplicated().getFirst() + ", not acknowledged"));
    }
    if (!rows.duplicated().isEmpty()) {
      return Optional.of(
          without("doubled row " + rows.duplicated().getFirst() + ", not acknowledged"));
    }
    if (!audit.exact()) {
      return Optional.of(
          without("the sum is off by " + audit.sumOff() + ", accounts " + audit.accountsOff()));
    }
    return Optional.empty();
  }

  private static FirstBad without(String what) {
    return new FirstBad(what, null, null, null);
  }
}
