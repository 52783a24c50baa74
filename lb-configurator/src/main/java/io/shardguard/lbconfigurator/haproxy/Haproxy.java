package io.shardguard.lbconfigurator.haproxy;

import io.shardguard.lbconfigurator.core.HaproxyConfig;
import io.shardguard.lbconfigurator.core.Routes;
import io.shardguard.lbconfigurator.core.RunningServer;
import io.shardguard.lbconfigurator.core.RuntimeSwitch;
import io.shardguard.lbconfigurator.core.Session;
import io.shardguard.lbconfigurator.core.Workers;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * HAProxy in master-worker mode ({@code haproxy -W -db -S DIRECTORY/master.sock -f
 * DIRECTORY/haproxy.cfg}), which somebody else starts. An {@link IOException} means that it is not
 * there or does not answer: then nothing is known, and the same may be asked again. Used by one
 * thread.
 */
public final class Haproxy {

  private static final Duration POLL = Duration.ofMillis(5);
  private static final String DESCRIPTION = "description: ";

  private final ConfigFile file;
  private final CommandSocket master;
  private final Duration deadline;

  /**
   * HAProxy with its files in this directory.
   *
   * @param program path or name of the executable, for the validation of files
   * @param deadline for each command, each validation and each reload
   */
  public Haproxy(Path directory, String program, Duration deadline) {
    this.file = new ConfigFile(directory, program, deadline);
    this.master = new CommandSocket(directory.resolve("master.sock"), deadline);
    this.deadline = deadline;
  }

  /** What a switch at run time did: {@code complete} if writes now go where they are wanted. */
  public record Switched(boolean complete, int cut) {}

  /** The hash of the configuration that takes new connections; empty if no worker process runs. */
  public Optional<String> runningHash() throws IOException {
    Workers workers = workers();
    return workers.current().isPresent() ? hashOf(workers.current().getAsLong()) : Optional.empty();
  }

  /**
   * Sends new connections where they are wanted, within milliseconds, and ends the sessions that
   * may not go on. First nothing new reaches who must not be reached, then the new primary is
   * opened, then old sessions end.
   */
  public Switched switchTo(Routes wanted) throws IOException {
    Workers workers = workers();
    if (workers.current().isEmpty()) {
      throw new IOException("HAProxy runs no worker process");
    }
    long current = workers.current().getAsLong();
    RuntimeSwitch change = RuntimeSwitch.between(servers(current), wanted);
    for (String command : change.close()) {
      tell(current, command);
    }
    for (String command : change.open()) {
      tell(current, command);
    }
    return new Switched(change.complete(), cutUnwanted(workers, wanted));
  }

  /**
   * Ends the sessions to members that their backend no longer serves, on every worker process; says
   * how many.
   */
  public int cutUnwanted(Routes wanted) throws IOException {
    return cutUnwanted(workers(), wanted);
  }

  /** Whether the file on disk is this configuration. */
  public boolean isInstalled(HaproxyConfig config) throws IOException {
    return file.holds(config.text());
  }

  /**
   * Puts a configuration into the file, from where a (re)start takes it. Does not reload.
   *
   * @throws RejectedException if HAProxy finds it invalid; the file is untouched
   */
  public void install(HaproxyConfig config)
      throws IOException, RejectedException, InterruptedException {
    file.install(config.text());
  }

  /** This configuration was seen to run: it is the one to come back to. */
  public void keepAsGood(HaproxyConfig config) throws IOException {
    file.keepAsGood(config.text());
  }

  /**
   * Has HAProxy run the file. Sessions stay on the worker process that they have.
   *
   * @throws RejectedException if HAProxy could not load it; the last good file is back, and in
   *     force
   */
  public void reload(HaproxyConfig installed)
      throws IOException, RejectedException, InterruptedException {
    int failedBefore = workers().failedReloads();
    master.ask("reload");
    long giveUpAt = System.nanoTime() + deadline.toNanos();
    while (System.nanoTime() < giveUpAt) {
      Optional<Workers> workers = workersIfThere();
      if (workers.isPresent()) {
        if (runs(installed, workers.get())) {
          return;
        }
        if (workers.get().failedReloads() > failedBefore) {
          break;
        }
      }
      Thread.sleep(POLL);
    }
    boolean restored = file.restore();
    if (restored) {
      master.ask("reload");
    }
    throw new RejectedException(
        "HAProxy could not load it; "
            + (restored ? "the last good file is back" : "there is no earlier one"));
  }

  private boolean runs(HaproxyConfig config, Workers workers) throws IOException {
    return workers.current().isPresent()
        && hashOf(workers.current().getAsLong()).equals(Optional.of(config.hash()));
  }

  private int cutUnwanted(Workers workers, Routes wanted) throws IOException {
    int cut = 0;
    for (long worker : workers.all()) {
      // Not 'shutdown sessions server': a worker that a reload has replaced refuses it ('Proxy is
      // disabled').
      for (Session session : Session.parse(master.ask(worker, "show sess"))) {
        if (!wanted.serves(session.backend(), session.member())) {
          master.ask(worker, "shutdown session " + session.id());
          cut++;
        }
      }
    }
    return cut;
  }

  private List<RunningServer> servers(long worker) throws IOException {
    return RunningServer.parse(master.ask(worker, "show servers state"));
  }

  private void tell(long worker, String command) throws IOException {
    String answer = master.ask(worker, command).strip();
    if (!answer.isEmpty()) {
      throw new IOException("HAProxy refused '" + command + "': " + answer);
    }
  }

  private Optional<String> hashOf(long worker) throws IOException {
    return master
        .ask(worker, "show info")
        .lines()
        .filter(line -> line.startsWith(DESCRIPTION))
        .map(line -> line.substring(DESCRIPTION.length()).strip())
        .findFirst();
  }

  private Workers workers() throws IOException {
    return Workers.parse(master.ask("show proc"));
  }

  /** Nobody listens on the master's socket for about a tenth of a second of each reload. */
  private Optional<Workers> workersIfThere() {
    try {
      return Optional.of(workers());
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
