package io.shardguard.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link Lsn}, {@link Epoch} and {@link Timeline}. */
class NumbersTest {

  @ParameterizedTest
  @CsvSource({
    "0/0, 0",
    "0/16B3740, 23803712",
    "1/0, 4294967296",
    "1/FFFFFFFF, 8589934591",
    "FFFFFFFF/FFFFFFFF, -1"
  })
  void anLsnIsReadAndWrittenAsPostgresDoes(String text, long bytes) {
    assertThat(Lsn.parse(text)).isEqualTo(new Lsn(bytes)).hasToString(text);
  }

  @Test
  void anLsnIsReadInLowerCaseAndWithLeadingZeroes() {
    assertThat(Lsn.parse("0a/00ff00ff")).hasToString("A/FF00FF");
  }

  @Test
  void anLsnIsWrittenAlikeInEveryLanguage() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG"));
      assertThat(new Lsn(0x1_16B3740L)).hasToString("0/116B3740");
    } finally {
      Locale.setDefault(before);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "0",
        "0/",
        "/0",
        "0/0/0",
        "0/x",
        "x/0",
        " 0/0",
        "0/0 ",
        "-1/0",
        "0/-1",
        "+1/0",
        "0/+1",
        "100000000/0",
        "0/100000000"
      })
  void whatPostgresWouldNotWriteIsNoLsn(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Lsn.parse(text))
        .withMessageContaining("0/16B3740");
  }

  @Test
  void lsnsHaveTheOrderOfTheLogBeyondTheHighestSignedNumber() {
    Lsn low = Lsn.parse("0/FFFFFFFF");
    Lsn middle = Lsn.parse("7FFFFFFF/FFFFFFFF");
    Lsn high = Lsn.parse("80000000/0");
    assertThat(low).isLessThan(middle).isGreaterThan(Lsn.ZERO);
    assertThat(middle).isLessThan(high);
    assertThat(high.hasReached(middle)).isTrue();
    assertThat(middle.hasReached(high)).isFalse();
    assertThat(high.hasReached(high)).isTrue();
  }

  @Test
  void theDistanceBetweenLsnsIsInBytesAndHasASign() {
    assertThat(Lsn.parse("1/0").minus(Lsn.parse("0/FFFFFFF0"))).isEqualTo(16);
    assertThat(Lsn.parse("0/FFFFFFF0").minus(Lsn.parse("1/0"))).isEqualTo(-16);
  }

  @Test
  void theNextEpochIsOneMore() {
    assertThat(Epoch.NONE.next())
        .isEqualTo(new Epoch(1))
        .isGreaterThan(Epoch.NONE)
        .hasToString("1");
  }

  @Test
  void anEpochIsNeverNegative() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Epoch(-1))
        .withMessageContaining("-1");
  }

  @Test
  void timelinesCountFromOne() {
    assertThat(new Timeline(1)).isLessThan(new Timeline(2)).hasToString("1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Timeline(0))
        .withMessageContaining("0");
  }
}
