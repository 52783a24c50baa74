package io.shardguard.healthmonitor.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LagTest {

  @ParameterizedTest
  @CsvSource({
    "0,0",
    "1048576,1048576",
    "512kB,524288",
    "10MB,10485760",
    "10mb,10485760",
    "1 GB,1073741824"
  })
  void bytesAndUnitsAreRead(String text, long bytes) {
    assertThat(Lag.bytes(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "much", "-1", "1.5MB", "10 parsecs", "999999999999TB"})
  void anythingElseIsRefusedWithTheForms(String text) {
    assertThatThrownBy(() -> Lag.bytes(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not a lag");
  }
}
