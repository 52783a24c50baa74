package io.shardguard.cli.order;

import io.shardguard.cli.ExitCodes;
import io.shardguard.cli.Failure;
import io.shardguard.cli.Terminal;
import io.shardguard.cli.local.Installation;
import io.shardguard.cli.view.StatusBuilder;
import io.shardguard.eventlog.CommandSender;
import io.shardguard.eventlog.LogReader;
import io.shardguard.events.Command;
import io.shardguard.events.Envelope;
import io.shardguard.events.EventCodec;
import io.shardguard.events.GroupTopology;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/** Gives commands to the control plane, and waits for what comes of them. */
public final class Order {

  private static final Duration LOG = Duration.ofSeconds(10);

  private final String bootstrapServers;
  private final String cluster;
  private final Terminal terminal;

  /** Orders to the cluster of this name in this log; what comes of them is told as it comes. */
  public Order(String bootstrapServers, String cluster, Terminal terminal) {
    this.bootstrapServers = bootstrapServers;
    this.cluster = cluster;
    this.terminal = terminal;
  }

  static Order to(Installation installation) {
    return new Order(installation.bootstrapServers(), installation.cluster(), Terminal.standard());
  }

  /**
   * Gives the commands, and waits.
   *
   * @param timeout for all of it
   * @return as in {@link ExitCodes}: whether all was done that was asked for
   * @throws Failure if a command could not be given, or there is no outcome in time: it says what
   *     is waited for
   */
  public int give(List<Command> commands, Duration timeout) {
    long giveUpAt = System.nanoTime() + timeout.toNanos();
    Answers answers = new Answers();
    LogReader log = new LogReader(bootstrapServers);
    try {
      log.followFromNow(
          () -> send(commands, timeout, answers),
          () -> answers.complete() || System.nanoTime() > giveUpAt,
          event -> answers.take(event).ifPresent(terminal::step));
    } catch (org.apache.kafka.common.errors.TimeoutException e) {
      throw Failure.failed(
          "Kafka at " + bootstrapServers + " does not answer: " + e.getMessage(),
          "Nothing was ordered. See ./shardguard logs kafka.",
          e);
    }
    if (!answers.complete()) {
      throw late(answers, timeout, log);
    }
    return answers.refused() ? ExitCodes.FAILED : ExitCodes.OK;
  }

  private void send(List<Command> commands, Duration timeout, Answers answers) {
    try (CommandSender sender = new CommandSender(bootstrapServers, timeout)) {
      for (Command command : commands) {
        Envelope<Command> envelope =
            EventCodec.envelope(
                UUID.randomUUID().toString(), source(), Instant.now(), cluster, command);
        answers.await(sender.send(envelope), command);
      }
    } catch (TimeoutException | IllegalStateException e) {
      throw Failure.failed(
          e.getMessage(), "It may be in the log all the same: see ./shardguard events.", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Failure.failed("Interrupted while a command was given.", "See ./shardguard events.", e);
    }
  }

  private Failure late(Answers answers, Duration timeout, LogReader log) {
    if (!answers.unanswered().isEmpty()) {
      return Failure.failed(
          "No answer within "
              + timeout.toSeconds()
              + " s: failover-coordinator has not decided on it yet.",
          "./shardguard status says whether it is ready. The command stays in the log: once it is"
              + " back, a pause or maintenance is carried out; a failover that was asked for long"
              + " before is refused.");
    }
    return Failure.failed(
        "Not finished within "
            + timeout.toSeconds()
            + " s; it goes on: "
            + answers.underWay().stream()
                .map(group -> "group " + group + " " + standing(group, log))
                .collect(Collectors.joining("; ")),
        "Follow it with ./shardguard events --follow.");
  }

  private String standing(int group, LogReader log) {
    try {
      Map<String, GroupTopology> states = log.groupStates(LOG).lastReadable();
      return Optional.ofNullable(states.get(cluster + "/" + group))
          .map(GroupTopology::transition)
          .map(StatusBuilder::transition)
          .orElse("has no open transition any more");
    } catch (TimeoutException e) {
      return "cannot be looked at: " + e.getMessage();
    }
  }

  /** Who asks, as it stands in the log. */
  private static String source() {
    return "cli/" + System.getProperty("user.name") + "@" + host();
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }
}
