package io.shardguard.cli.local;

import io.shardguard.cli.Failure;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** supervisord, which keeps Kafka, HAProxy and the services running. */
public final class Supervisor implements Parts {

  /** supervisorctl is a Python program: on a busy machine its start alone may take seconds. */
  private static final Duration CALL = Duration.ofSeconds(60);

  private static final Pattern PID = Pattern.compile("pid (\\d+)");

  private static final Duration SHUTDOWN = Duration.ofSeconds(90);

  private final StateDirectory state;
  private final RunUser user;

  public Supervisor(StateDirectory state, RunUser user) {
    this.state = state;
    this.user = user;
  }

  /**
   * A supervised program.
   *
   * @param state supervisor's word, e.g. RUNNING, BACKOFF, FATAL
   * @param detail e.g. its process id and how long it has been running
   */
  public record Program(String name, String state, String detail) {

    public boolean running() {
      return "RUNNING".equals(state);
    }
  }

  /** Whether it takes calls. */
  @Override
  public boolean running() {
    if (!Files.exists(state.supervisorSocket())) {
      return false;
    }
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(state.supervisorSocket()));
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Starts it with all programs, as a daemon of the cluster's user, with nothing of the caller's
   * environment.
   */
  public void start() {
    List<String> command =
        new ArrayList<>(List.of("env", "-i", "LANG=C.UTF-8", "PATH=" + Programs.PATH));
    command.addAll(List.of("supervisord", "-c", state.supervisorConfig().toString()));
    Command.Result result = Command.run(CALL, user.preferred(command));
    if (!result.ok()) {
      throw Failure.failed(
          "supervisord does not start:\n" + result.output(), "Look into " + state.log() + ".");
    }
  }

  /** Starts those programs that do not run. */
  public void startStopped() {
    if (!programs().stream().allMatch(Program::running)) {
      control("start", "all");
    }
  }

  /** Stops one service, and waits for its end; the others go on. */
  void stop(Service service) {
    control("stop", "services:" + service.programName());
  }

  @Override
  public List<Program> programs() {
    return running() ? parse(control("status").output()) : List.of();
  }

  @Override
  public Optional<Long> pid(String program) {
    return programs().stream()
        .filter(each -> each.name().equals(program))
        .map(each -> PID.matcher(each.detail()))
        .filter(Matcher::find)
        .findFirst()
        .map(found -> Long.parseLong(found.group(1)));
  }

  static List<Program> parse(String status) {
    Map<String, Program> programs = new LinkedHashMap<>();
    for (String line : status.lines().toList()) {
      String[] words = line.strip().split("\\s+", 3);
      if (words.length >= 2 && words[1].matches("[A-Z]+")) {
        String name = words[0].substring(words[0].indexOf(':') + 1);
        programs.put(name, new Program(name, words[1], words.length == 3 ? words[2] : ""));
      }
    }
    return List.copyOf(programs.values());
  }

  /** Stops all programs and supervisord itself, and waits for its end. */
  public void shutdown() {
    Optional<ProcessHandle> daemon = process();
    control("shutdown");
    try {
      if (daemon.isPresent()) {
        daemon.get().onExit().get(SHUTDOWN.toSeconds(), TimeUnit.SECONDS);
      }
    } catch (TimeoutException e) {
      throw Failure.failed(
          "supervisord (process "
              + daemon.get().pid()
              + ") has not ended after "
              + SHUTDOWN.toSeconds()
              + " s.",
          "Look into " + state.log() + "/supervisord.log.");
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Failure.failed(
          "Interrupted while supervisord was stopping.", "Call ./shardguard down again.");
    }
  }

  private Optional<ProcessHandle> process() {
    try {
      return ProcessHandle.of(Long.parseLong(Files.readString(state.supervisorPid()).strip()));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  private Command.Result control(String... words) {
    List<String> command =
        new ArrayList<>(List.of("supervisorctl", "-c", state.supervisorConfig().toString()));
    command.addAll(List.of(words));
    return Command.run(CALL, command);
  }
}
