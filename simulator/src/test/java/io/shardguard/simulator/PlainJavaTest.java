package io.shardguard.simulator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@AnalyzeClasses(packages = "io.shardguard.simulator", importOptions = DoNotIncludeTests.class)
class PlainJavaTest {

  @ArchTest
  static final ArchRule USES_ONLY_THE_CORES_THE_CONTRACT_AND_VALUES =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideOutsideOfPackages(
              "io.shardguard.simulator..",
              "io.shardguard.events",
              "io.shardguard.failover.core",
              "io.shardguard.failover.explain",
              "io.shardguard.healthmonitor.core",
              "io.shardguard.provisioner.core",
              "io.shardguard.lbconfigurator.core",
              "java.io",
              "java.lang..",
              "java.nio..",
              "java.time",
              "java.util",
              "java.util.function",
              "java.util.regex",
              "java.util.stream");

  @ArchTest
  static final ArchRule READS_NO_CLOCK_AND_STARTS_NO_THREAD =
      noClasses()
          .should()
          .callMethod(java.time.Instant.class, "now")
          .orShould()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(Thread.class)
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(java.util.Random.class)
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(java.util.UUID.class);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "io.quarkus.runtime.Quarkus",
        "org.apache.kafka.clients.producer.KafkaProducer",
        "io.vertx.core.Vertx",
        "org.postgresql.Driver"
      })
  void noFrameworkAndNoClientIsOnTheClassPath(String name) {
    assertThatThrownBy(() -> Class.forName(name)).isInstanceOf(ClassNotFoundException.class);
  }
}
