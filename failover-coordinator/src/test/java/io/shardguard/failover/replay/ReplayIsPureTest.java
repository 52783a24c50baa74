package io.shardguard.failover.replay;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The command line has these classes without the service's libraries. */
@AnalyzeClasses(
    packages = {"io.shardguard.failover.replay", "io.shardguard.failover.explain"},
    importOptions = DoNotIncludeTests.class)
class ReplayIsPureTest {

  @ArchTest
  static final ArchRule USES_ONLY_THE_CORE_THE_CONTRACT_AND_ITS_JSON =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideOutsideOfPackages(
              "io.shardguard.failover.core",
              "io.shardguard.failover.replay",
              "io.shardguard.failover.explain",
              "io.shardguard.events",
              "com.fasterxml.jackson..",
              "java.io",
              "java.lang..",
              "java.util..",
              "java.time..");

  @ArchTest
  static final ArchRule READS_NO_CLOCK =
      noClasses()
          .should()
          .callMethod(java.time.Instant.class, "now")
          .orShould()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis");
}
