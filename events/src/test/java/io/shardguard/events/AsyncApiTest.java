package io.shardguard.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class AsyncApiTest {

  private static final Path PAGE = Path.of("../docs/asyncapi.yaml");

  @Test
  void theAsyncApiPageHasTheChannelsMessagesAndFieldsOfTheRecords() throws Exception {
    if (Boolean.getBoolean("shardguard.docs.write")) {
      Files.writeString(PAGE, AsyncApiPage.render());
    }
    assertThat(Files.readString(PAGE)).isEqualTo(AsyncApiPage.render());
  }
}
