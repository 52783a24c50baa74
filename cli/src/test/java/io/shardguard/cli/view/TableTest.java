package io.shardguard.cli.view;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TableTest {

  @Test
  void columnsAreAsWideAsTheirWidestCell() {
    assertThat(new Table("A", "LONG TITLE", "C").row("wide cell", 1, null).toString())
        .isEqualTo(
            """
            A          LONG TITLE  C
            wide cell  1           -\
            """);
  }
}
