package io.shardguard.cli.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.cli.local.Installation.EngineChoice;
import io.shardguard.clusterspec.MemberNetwork;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationTest {

  private final Installation installation =
      new Installation(
          new StateDirectory(Path.of("/srv/50%")),
          "demo",
          7400,
          MemberNetwork.LOOPBACK,
          EngineChoice.AUTO,
          1,
          "ada",
          "/usr/lib/postgresql/15/bin");

  @TempDir private Path directory;

  @Test
  void theServicesGetTheirPortsAndDirectories() throws IOException {
    Properties properties = new Properties();
    properties.load(new StringReader(ServiceProperties.render(installation)));
    assertThat(properties)
        .containsEntry("config_ordinal", "300")
        .containsEntry("shardguard.cluster", "demo")
        .containsEntry("shardguard.haproxy.write-port", "7400")
        .containsEntry("kafka.bootstrap.servers", "127.0.0.1:7420")
        .containsEntry("shardguard.secrets-dir", "/srv/50%/secrets");
  }

  @Test
  void everyProgramIsSupervisedAndAPercentSignInAPathIsNoExpansion() {
    String config = new SupervisorConfig(installation, Path.of("/jdk"), 5).render();
    for (String program :
        List.of(
            "kafka",
            "haproxy",
            "provisioner",
            "health-monitor",
            "failover-coordinator",
            "lb-configurator")) {
      assertThat(config).contains("[program:" + program + "]");
    }
    assertThat(config.replace("%%", "")).doesNotContain("%");
  }

  @Test
  void eachObserverHasItsNameItsPortAndItsLog() {
    String config = new SupervisorConfig(installation.watchedBy(3), Path.of("/jdk"), 5).render();
    assertThat(config)
        .contains(
            "QUARKUS_HTTP_PORT=\"7431\",SHARDGUARD_MONITOR_OBSERVER=\"monitor-1\"",
            "QUARKUS_HTTP_PORT=\"7434\",SHARDGUARD_MONITOR_OBSERVER=\"monitor-2\"",
            "QUARKUS_HTTP_PORT=\"7435\",SHARDGUARD_MONITOR_OBSERVER=\"monitor-3\"",
            "programs=provisioner,health-monitor,health-monitor-2,health-monitor-3,failover-coordinator",
            "log/health-monitor-3.log");
    assertThat(config.lines().filter(line -> line.contains("app/health-monitor/quarkus-run.jar")))
        .hasSize(3);
  }

  @Test
  void noTwoThingsShareAPortHoweverManyObserversThereAre() {
    Ports ports = installation.ports();
    for (int observers = 1; observers <= Installation.MOST_OBSERVERS; observers++) {
      assertThat(ports.onLocalhost(observers)).hasSize(9 + observers);
      assertThat(ports.onLocalhost(observers).keySet())
          .allMatch(port -> port <= ports.base() + Ports.SPAN);
    }
  }

  @Test
  void theMembersAreNotPreferredWithTheControlPlane() {
    String preferred = new SupervisorConfig(installation, Path.of("/jdk"), 5).render();
    assertThat(preferred.lines().filter(line -> line.startsWith("command=nice -n 5 ")))
        .singleElement()
        .asString()
        .contains("provisioner");
    assertThat(new SupervisorConfig(installation, Path.of("/jdk"), 0).render())
        .doesNotContain("nice");
  }

  @Test
  void membersAreNeverStoppedWithTheProvisionersProcessGroup() {
    assertThat(new SupervisorConfig(installation, Path.of("/jdk"), 5).render())
        .doesNotContain("asgroup=true");
  }

  @Test
  void supervisorsWordsAreRead() {
    List<Supervisor.Program> programs =
        Supervisor.parse(
            """
            haproxy                          RUNNING   pid 17, uptime 0:00:05
            kafka                            BACKOFF   Exited too quickly (process log may have details)
            services:provisioner             STARTING
            unix:///x.sock no such file
            """);
    assertThat(programs)
        .containsExactly(
            new Supervisor.Program("haproxy", "RUNNING", "pid 17, uptime 0:00:05"),
            new Supervisor.Program(
                "kafka", "BACKOFF", "Exited too quickly (process log may have details)"),
            new Supervisor.Program("provisioner", "STARTING", ""));
    assertThat(programs.getFirst().running()).isTrue();
  }

  @Test
  void passwordsAreMadeOnceAndForTheUserAlone() throws IOException {
    StateDirectory state = new StateDirectory(directory);
    OwnedFiles files = new OwnedFiles(new RunUser(System.getProperty("user.name"), false));
    Secrets.makeMissing(state, files);
    String first = Files.readString(state.pgpass());
    Secrets.makeMissing(state, files);
    assertThat(state.pgpass()).hasContent(first);
    assertThat(first.lines())
        .hasSize(Secrets.ROLES.size())
        .allMatch(line -> line.matches("\\*:\\*:\\*:[a-z_]+:[A-Za-z0-9_-]{32}"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state.pgpass())))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state.secrets())))
        .isEqualTo("rwx------");
  }

  @Test
  void aCopyIsTheSourceAndNothingElse() throws IOException {
    Path source = Files.createDirectories(directory.resolve("source/lib")).getParent();
    Files.writeString(source.resolve("lib/new.jar"), "new");
    Path target = Files.createDirectories(directory.resolve("target/lib")).getParent();
    Files.writeString(target.resolve("lib/old.jar"), "old");
    assertThat(OwnedFiles.same(source, target)).isFalse();
    new OwnedFiles(new RunUser(System.getProperty("user.name"), false)).copy(source, target);
    assertThat(target.resolve("lib/new.jar")).hasContent("new");
    assertThat(target.resolve("lib/old.jar")).doesNotExist();
    assertThat(OwnedFiles.same(source, target)).isTrue();
  }
}
