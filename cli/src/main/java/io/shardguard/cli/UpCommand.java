package io.shardguard.cli;

import io.shardguard.cli.drill.fault.NetworkFaults;
import io.shardguard.cli.local.Artefacts;
import io.shardguard.cli.local.ClusterStart;
import io.shardguard.cli.local.DataLoad;
import io.shardguard.cli.local.DockerStart;
import io.shardguard.cli.local.Formation;
import io.shardguard.cli.local.Installation;
import io.shardguard.cli.local.Installation.EngineChoice;
import io.shardguard.cli.local.Installation.NetworkChoice;
import io.shardguard.cli.local.Ports;
import io.shardguard.cli.local.Sql;
import io.shardguard.cli.view.ClusterStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Brings a cluster up. */
@Command(
    name = "up",
    description =
        "Make and start a cluster on this machine, or start the one that is there; wait until it is whole, and load the"
            + " example data. On a running cluster it changes nothing.",
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:The cluster is whole.",
      "1:It was started, but is not whole, or the data could not be loaded.",
      "2:The command line is wrong.",
      "3:Something that is needed is not there; nothing was changed."
    })
final class UpCommand implements Callable<Integer> {

  /** PostgreSQL's programs, where Debian has them. */
  private static final Path POSTGRES_BIN = Path.of("/usr/lib/postgresql/15/bin");

  /** Ports above are what the kernel gives to outgoing connections. */
  private static final int HIGHEST_PORT = 32_767;

  @Spec private CommandSpec command;

  @Mixin private StateOption state;

  @Option(names = "--no-data", description = "Leave the example data out.")
  private boolean noData;

  @Option(
      names = "--rows",
      paramLabel = "N",
      description = "How many rows of example data. Default: 1,000,000.")
  private Integer rows;

  @Option(
      names = "--regions",
      paramLabel = "N",
      description = "Over how many region codes they are spread. Default: 2,500.")
  private Integer regions;

  @Option(
      names = "--port-base",
      paramLabel = "N",
      description = "The cluster's lowest port. Default: " + Ports.DEFAULT_BASE + ".")
  private Integer portBase;

  @Option(
      names = "--cluster-file",
      paramLabel = "FILE",
      description =
          "The declaration of the wanted cluster. Default: a coordinator group and three worker groups of two.")
  private Path clusterFile;

  @Option(
      names = "--network",
      paramLabel = "NETWORK",
      description =
          "${COMPLETION-CANDIDATES}: where the members are; namespaces: each in a network namespace of its own, so"
              + " that drills can cut it off (root only). Default: loopback.")
  private NetworkChoice network;

  @Option(
      names = "--engine",
      paramLabel = "ENGINE",
      description =
          "${COMPLETION-CANDIDATES}; auto: Citus where PostgreSQL has it, else the stand-in. Default: auto.")
  private EngineChoice engine;

  @Option(
      names = "--observers",
      paramLabel = "N",
      description = "How many health-monitors watch the members, from 1 to 5. Default: 1.")
  private Integer observers;

  @Option(
      names = "--docker",
      description =
          "Members and services as containers of the Docker engine on this machine; deploy/images/build makes their"
              + " images. Later commands know it from the state directory.")
  private boolean docker;

  @Option(
      names = "--brokers",
      paramLabel = "N",
      description =
          "With --docker: how many Kafka brokers a cluster is made with, 1 or 3. Default: 1.")
  private Integer brokers;

  @Option(
      names = "--certificates",
      paramLabel = "DIR",
      description =
          "With --docker, for engines at tcp://: has a directory of each one's name, with ca.pem, cert.pem and"
              + " key.pem. Default: those of the start before.")
  private Path certificates;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "How long to wait until the cluster is whole. Default: 180, with --docker 600.")
  private Integer timeout;

  @Override
  public Integer call() throws IOException, InterruptedException {
    requirePositive("--rows", rows);
    requirePositive("--regions", regions);
    requirePositive("--timeout", timeout);
    if (observers != null && (observers < 1 || observers > Installation.MOST_OBSERVERS)) {
      throw new ParameterException(
          command.commandLine(),
          "--observers is " + observers + "; choose from 1 to " + Installation.MOST_OBSERVERS);
    }
    if (portBase != null && (portBase < 1024 || portBase + Ports.SPAN > HIGHEST_PORT)) {
      throw new ParameterException(
          command.commandLine(),
          "--port-base is "
              + portBase
              + "; choose one from 1024 to "
              + (HIGHEST_PORT - Ports.SPAN));
    }
    Terminal terminal = Terminal.standard();
    Instant since = Instant.now();
    ClusterStart.Wanted wanted =
        new ClusterStart.Wanted(
            state.directory(), portBase, clusterFile, network, engine, observers, POSTGRES_BIN);
    Installation installation = start(wanted, terminal);
    if (!installation.docker() && installation.networkChoice() == NetworkChoice.NAMESPACES) {
      NetworkFaults.of(installation).healAll();
    }
    ClusterStatus status =
        new Formation(installation, terminal).await(since, patience(installation));
    if (status.haproxy().well()) {
      terminal.step("The cluster answers queries through HAProxy");
      load(installation, terminal);
    }
    report(installation, status, terminal);
    return status.whole() ? ExitCodes.OK : ExitCodes.FAILED;
  }

  /** Containers take their time to be made on a busy machine. */
  private Duration patience(Installation installation) {
    int unasked = installation.docker() ? 600 : 180;
    return Duration.ofSeconds(timeout == null ? unasked : timeout);
  }

  private Installation start(ClusterStart.Wanted wanted, Terminal terminal) throws IOException {
    boolean containers = docker || wanted.existing().filter(Installation::docker).isPresent();
    if (brokers != null && (!containers || brokers != 1 && brokers != 3)) {
      throw new ParameterException(
          command.commandLine(), "--brokers is for --docker, and is 1 or 3");
    }
    if (certificates != null && !containers) {
      throw new ParameterException(command.commandLine(), "--certificates is for --docker");
    }
    if (!containers) {
      return new ClusterStart(wanted, Artefacts.ofThisCheckout(), terminal).start();
    }
    if (network != null || observers != null) {
      throw new ParameterException(
          command.commandLine(),
          "--network and --observers are not for containers: each has a network of its own, and three observers watch them");
    }
    int copies = brokers == null ? 1 : brokers;
    return new DockerStart(wanted, copies, certificates, Artefacts.ofThisCheckout(), terminal)
        .start();
  }

  private void requirePositive(String option, Integer value) {
    if (value != null && value < 1) {
      throw new ParameterException(
          command.commandLine(), option + " is " + value + "; it must be at least 1");
    }
  }

  private void load(Installation installation, Terminal terminal)
      throws IOException, InterruptedException {
    DataLoad data = new DataLoad(installation, terminal);
    if (!noData && !data.done()) {
      data.run(rows, regions);
    }
  }

  private static void report(Installation installation, ClusterStatus status, Terminal terminal) {
    Ports ports = installation.ports();
    terminal.line("");
    if (status.whole()) {
      terminal.step("Cluster " + installation.cluster() + " is up, and whole");
    } else {
      terminal.step("Cluster " + installation.cluster() + " is not whole:");
      status.problems().forEach(problem -> terminal.line("             " + problem));
    }
    terminal.line(
        """

        Engine   %s
        Writes   psql -h 127.0.0.1 -p %d -U %s %s     or ./shardguard sql
        Reads    the same with -p %d (standbys of the coordinator)
        Password in %s
        HAProxy  http://127.0.0.1:%d/
        Next     ./shardguard status, ./shardguard drill worker-crash, ./shardguard down\
        """
            .formatted(
                engineText(status.engine()),
                ports.write(),
                Sql.ROLE,
                Sql.DATABASE,
                ports.read(),
                installation.state().secrets().resolve(Sql.ROLE + ".password"),
                ports.stats()));
  }

  static String engineText(String version) {
    if (version == null) {
      return "not known: no query is answered yet";
    }
    return version.startsWith("Citus")
        ? version
        : version + "\n         (a stand-in for trying and testing, not a Citus)";
  }
}
