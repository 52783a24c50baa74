package io.shardguard.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.TypeConversionException;

class MomentConverterTest {

  private static final Instant NOW = Instant.parse("2026-11-24T08:00:00Z");

  private final MomentConverter converter = new MomentConverter(Clock.fixed(NOW, ZoneOffset.UTC));

  @Test
  void aDurationCountsBackFromNow() {
    assertThat(converter.convert("90s")).isEqualTo("2026-11-24T07:58:30Z");
    assertThat(converter.convert("10m")).isEqualTo("2026-11-24T07:50:00Z");
    assertThat(converter.convert("2h")).isEqualTo("2026-11-24T06:00:00Z");
    assertThat(converter.convert("1d")).isEqualTo("2026-11-23T08:00:00Z");
  }

  @Test
  void aTimeIsTakenAsItIs() {
    assertThat(converter.convert("2026-11-24T07:00:00Z")).isEqualTo("2026-11-24T07:00:00Z");
  }

  @Test
  void anythingElseIsRefusedWithTheFormsThatAreKnown() {
    assertThatThrownBy(() -> converter.convert("yesterday"))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("10m");
  }
}
