package io.shardguard.cli.drill.nemesis;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.cli.drill.nemesis.Books.Row;
import io.shardguard.cli.drill.nemesis.TransferLedger.Audit;
import java.util.List;
import org.junit.jupiter.api.Test;

class TransferLedgerTest {

  private static final Row TAKEN = new Row(0, 1, -5);
  private static final Row GIVEN = new Row(1, 1, 5);

  private final TransferLedger ledger = new TransferLedger(2, 100);

  @Test
  void aTransferWithBothSidesIsExact() {
    acknowledge();
    assertThat(audit(95, 105, TAKEN, GIVEN).exact()).isTrue();
  }

  @Test
  void anAcknowledgedTransferOfWhichNothingIsThereIsLost() {
    acknowledge();
    Audit audit = audit(100, 100);
    assertThat(audit.lost()).containsExactly(1L);
    assertThat(audit.exact()).isFalse();
  }

  @Test
  void aTransferWithOneSideIsHalfApplied() {
    Audit audit = audit(95, 100, TAKEN);
    assertThat(audit.halfApplied()).containsExactly(1L);
    assertThat(audit.sumOff()).isEqualTo(-5);
  }

  @Test
  void aTransferThatIsThereTwiceIsFoundThoughTheSumIsRight() {
    acknowledge();
    Audit audit = audit(90, 110, TAKEN, GIVEN, TAKEN, GIVEN);
    assertThat(audit.duplicated()).containsExactly(1L);
    assertThat(audit.sumOff()).isZero();
  }

  @Test
  void aBalanceThatItsEntriesDoNotExplainIsFoundThoughTheSumIsRight() {
    acknowledge();
    Audit audit = audit(94, 106, TAKEN, GIVEN);
    assertThat(audit.sumOff()).isZero();
    assertThat(audit.accountsOff()).containsExactly(0, 1);
  }

  @Test
  void aTransferThatNobodyKnowsOfMayBeThereOrNot() {
    ledger.unknown();
    assertThat(audit(95, 105, TAKEN, GIVEN).exact()).isTrue();
    assertThat(audit(100, 100).exact()).isTrue();
  }

  private void acknowledge() {
    ledger.acknowledged(new Transfer(1, 0, 1, 5), 10);
  }

  private Audit audit(long first, long second, Row... entries) {
    return ledger.audit(
        new Books(List.of(new Row(0, 0, first), new Row(1, 0, second)), List.of(entries)));
  }
}
