package io.shardguard.healthmonitor;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.time.Clock;
import java.time.Instant;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class CoreIsPureTest {

  private static final String CORE = "io.shardguard.healthmonitor.core";

  private final JavaClasses core = new ClassFileImporter().importPackages(CORE);

  @Test
  void theCoreKnowsNeitherFrameworkNorClientNorInputAndOutput() {
    noClasses()
        .that()
        .resideInAPackage(CORE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.quarkus..",
            "io.vertx..",
            "io.smallrye..",
            "org.apache.kafka..",
            "org.jboss..",
            "jakarta..",
            "java.io..",
            "java.nio..",
            "java.net..",
            "java.sql..",
            "java.util.concurrent..",
            "java.util.logging..",
            "io.shardguard.postgres..",
            "io.shardguard.eventlog..",
            "io.shardguard.healthmonitor.probe..")
        .check(core);
  }

  @Test
  void theCoreKnowsNeitherClockNorChanceNorThreads() {
    noClasses()
        .that()
        .resideInAPackage(CORE)
        .should()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(UUID.class, "randomUUID")
        .orShould()
        .dependOnClassesThat()
        .belongToAnyOf(Clock.class, Random.class, Thread.class)
        .check(core);
  }
}
