package io.shardguard.failover;

import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.time.Duration;

/** The service's settings for tests. */
final class Configs {

  private Configs() {}

  /** Bounds that a busy machine keeps, on a server of the testkit. */
  static FailoverConfig generous(Path secrets) {
    return with(secrets, "30s");
  }

  static FailoverConfig with(Path secrets, String statementWithin) {
    return of(secrets, "30s", statementWithin);
  }

  static FailoverConfig opening(Path secrets, String connectWithin) {
    return of(secrets, connectWithin, "30s");
  }

  private static FailoverConfig of(Path secrets, String connectWithin, String statementWithin) {
    return new SmallRyeConfigBuilder()
        .withConverter(Duration.class, 200, new DurationConverter())
        .withMapping(FailoverConfig.class)
        .withDefaultValue("shardguard.secrets-dir", secrets.toString())
        .withDefaultValue("shardguard.failover.role", "postgres")
        .withDefaultValue("shardguard.failover.database", "postgres")
        .withDefaultValue("shardguard.failover.connect-within", connectWithin)
        .withDefaultValue("shardguard.failover.statement-within", statementWithin)
        .build()
        .getConfigMapping(FailoverConfig.class);
  }
}
