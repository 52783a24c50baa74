package io.shardguard.cli.local;

import io.shardguard.cli.Failure;
import io.shardguard.clusterspec.ClusterSpec;
import io.shardguard.events.MemberAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Statements to one member as its superuser, over its socket: past HAProxy and control plane. */
public final class Superuser {

  private static final Duration CALL = Duration.ofSeconds(20);
  private static final String MEMBERS_IN_CONTAINERS = "/var/lib/shardguard/members/";

  private final Installation installation;
  private final ClusterSpec spec;
  private final RunUser user = RunUser.choose();

  public Superuser(Installation installation) {
    this.installation = installation;
    this.spec = installation.spec();
  }

  /** Runs statements, as psql does: one after the other, values alone. Bounded at 10 s each. */
  public Command.Result run(String member, String statements) {
    MemberAddress address =
        spec.members().filter(each -> each.name().equals(member)).findFirst().orElseThrow();
    String socket = MEMBERS_IN_CONTAINERS + member + "/run";
    if (!installation.docker()) {
      socket = installation.state().members().resolve(member).resolve("run").toString();
    }
    List<String> command =
        new ArrayList<>(
            List.of(
                installation.postgresBin() + "/psql",
                "-XAtq",
                "-h",
                socket,
                "-p",
                Integer.toString(address.port()),
                "-U",
                "postgres",
                "-d",
                Sql.DATABASE));
    for (String statement : statements.split(";")) {
      command.addAll(List.of("-c", statement));
    }
    if (installation.docker()) {
      return inContainer(member, command);
    }
    return Command.run(
        CALL,
        user.as(command),
        Map.of("PGCONNECT_TIMEOUT", "5", "PGOPTIONS", "-c statement_timeout=10s"));
  }

  private Command.Result inContainer(String member, List<String> psql) {
    List<String> command =
        new ArrayList<>(
            List.of("env", "PGCONNECT_TIMEOUT=5", "PGOPTIONS=-c statement_timeout=10s"));
    command.addAll(psql);
    return new DockerStack(installation).inside(member, command);
  }

  /**
   * The same, and returns the answer.
   *
   * @throws Failure if the member does not answer or refuses
   */
  public String must(String member, String statements) {
    Command.Result result = run(member, statements);
    if (!result.ok()) {
      throw Failure.failed(
          member + " does not do '" + statements + "': " + result.output(),
          "Look at ./shardguard status.");
    }
    return result.output();
  }
}
