package io.shardguard.cli.order;

import io.shardguard.cli.StateOption;
import io.shardguard.cli.local.Installation;
import java.time.Duration;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** What every order has: which cluster, and how long its answer is waited for. */
final class OrderOptions {

  @Spec(Target.MIXEE)
  private CommandSpec command;

  @Mixin private StateOption state;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description = "How long to wait for the outcome. Default: ${DEFAULT-VALUE}.")
  private int timeout;

  /** How long the outcome is waited for. */
  Duration timeout() {
    if (timeout < 1) {
      throw new ParameterException(
          command.commandLine(), "--timeout is " + timeout + "; it must be at least 1");
    }
    return Duration.ofSeconds(timeout);
  }

  /** The cluster, its Kafka running. */
  Installation installation() {
    timeout();
    return state.withKafka();
  }

  /** Its declared groups and members. */
  Declared declared(Installation installation) {
    return new Declared(command.commandLine(), installation.spec());
  }

  /** A wrong use of the command. */
  ParameterException misuse(String message) {
    return new ParameterException(command.commandLine(), message);
  }
}
