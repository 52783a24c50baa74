package io.shardguard.cli.drill;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.List;
import org.junit.jupiter.api.Test;

class LedgerTest {

  private final Ledger ledger = new Ledger();

  @Test
  void anAcknowledgedRowThatIsNotThereIsLost() {
    ledger.acknowledged(1, 1, 10);
    ledger.acknowledged(2, 1, 20);
    assertThat(ledger.compare(List.of(1L)).lost()).containsExactly(2L);
  }

  @Test
  void aRowThatIsThereTwiceIsDuplicated() {
    ledger.acknowledged(1, 1, 10);
    assertThat(ledger.compare(List.of(1L, 1L)).duplicated()).containsExactly(1L);
  }

  @Test
  void anUnknownRowIsNeverLost() {
    ledger.unknown(1);
    ledger.unknown(2);
    Ledger.Balance balance = ledger.compare(List.of(2L));
    assertThat(balance.lost()).isEmpty();
    assertThat(balance.unknown()).isEqualTo(2);
    assertThat(balance.unknownPresent()).isEqualTo(1);
  }

  @Test
  void momentsAreOfTheWantedGroupsAndInOrder() {
    ledger.acknowledged(1, 1, 30);
    ledger.acknowledged(2, 2, 20);
    ledger.acknowledged(3, 1, 10);
    assertThat(ledger.moments(group -> group == 1)).containsExactly(10L, 30L);
  }

  @Test
  void errorsAreCountedByTheirFirstLine() {
    ledger.error("refused\n  Detail: 1");
    ledger.error("refused\n  Detail: 2");
    ledger.error((String) null);
    assertThat(ledger.errors()).containsEntry("refused", 2).containsEntry("no message", 1);
  }

  @Test
  void aDriversErrorIsCountedWithItsRootCause() {
    ledger.error(
        new SQLException(
            "The connection attempt failed.", new IOException("x", new EOFException("end"))));
    assertThat(ledger.errors())
        .containsEntry("The connection attempt failed. java.io.EOFException: end", 1);
  }

  @Test
  void aCancelledWaitForTheStandbyIsNoAcknowledgement() {
    SQLWarning warning = new SQLWarning("something else");
    warning.setNextWarning(
        new SQLWarning(
            "canceling the wait for synchronous replication and terminating connection due to administrator command"));
    assertThat(Writer.waitWasCancelled(warning)).isTrue();
    assertThat(Writer.waitWasCancelled(new SQLWarning("something else"))).isFalse();
    assertThat(Writer.waitWasCancelled(null)).isFalse();
  }
}
