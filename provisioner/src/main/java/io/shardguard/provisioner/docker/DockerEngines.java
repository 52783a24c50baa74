package io.shardguard.provisioner.docker;

import io.shardguard.provisioner.core.Upstream;
import io.shardguard.provisioner.runtime.Member;
import io.shardguard.provisioner.runtime.MemberFiles;
import io.shardguard.provisioner.runtime.MemberRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/**
 * Members on Docker engines, one or several: each is looked after on its own. An engine that cannot
 * be reached keeps nobody from the members of the others; it is tried again until it can.
 */
public final class DockerEngines implements MemberRuntime {

  private static final Duration AGAIN = Duration.ofSeconds(1);

  private final Map<String, DockerRuntime> engines;
  private final Map<String, DockerRuntime> ofMember;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("engine-open-", 0).factory());

  /**
   * An engine, with the members that are on it.
   *
   * @param host {@code unix:///path}, or {@code tcp://host:port} with TLS
   * @param certificates for TLS: the directory of {@code ca.pem}, {@code cert.pem} and {@code
   *     key.pem}
   */
  public record Endpoint(String host, Optional<Path> certificates, List<String> members) {

    public Endpoint {
      members = List.copyOf(members);
    }
  }

  private DockerEngines(Map<String, DockerRuntime> engines, Map<String, DockerRuntime> ofMember) {
    this.engines = engines;
    this.ofMember = ofMember;
  }

  /**
   * Opens engines, and makes the volumes of members that have none.
   *
   * @param endpoints by the engines' names
   * @param passwords libpq's password file
   * @throws IOException if no engine can be reached
   * @throws IllegalStateException if one lacks the image, or a volume is another cluster's or on
   *     the wrong engine; the message says what to do
   */
  public static DockerEngines open(
      Map<String, Endpoint> endpoints, DockerPlace place, Path passwords)
      throws IOException, InterruptedException {
    Map<String, DockerRuntime> engines = new LinkedHashMap<>();
    Map<String, DockerRuntime> ofMember = new LinkedHashMap<>();
    List<String> all = endpoints.values().stream().flatMap(e -> e.members().stream()).toList();
    DockerEngines opened = new DockerEngines(engines, ofMember);
    try {
      endpoints.forEach((name, endpoint) -> {
        List<String> elsewhere = new ArrayList<>(all);
        elsewhere.removeAll(endpoint.members());
        DockerRuntime runtime =
            new DockerRuntime(
                new DockerEngine(endpoint.host(), endpoint.certificates()),
                place,
                endpoint.members(),
                elsewhere,
                passwords);
        engines.put(name, runtime);
        endpoint.members().forEach(member -> ofMember.put(member, runtime));
      });
      opened.openAll();
      return opened;
    } catch (IOException | InterruptedException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  /** At the same time: one that does not answer takes its time. */
  private void openAll() throws IOException, InterruptedException {
    List<Future<Void>> tries =
        engines.values().stream().map(runtime -> threads.submit(opening(runtime))).toList();
    IOException failure = null;
    for (Future<Void> each : tries) {
      try {
        each.get();
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof IOException notReached)) {
          throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
        }
        failure = notReached;
      }
    }
    if (failure != null && engines.values().stream().noneMatch(DockerRuntime::isOpen)) {
      throw failure;
    }
    engines.values().stream()
        .filter(runtime -> !runtime.isOpen())
        .forEach(runtime -> threads.execute(() -> keepTrying(runtime)));
  }

  private static Callable<Void> opening(DockerRuntime runtime) {
    return () -> {
      runtime.open();
      return null;
    };
  }

  private static void keepTrying(DockerRuntime runtime) {
    try {
      while (!runtime.isOpen()) {
        Thread.sleep(AGAIN);
        try {
          runtime.open();
        } catch (IOException | RuntimeException e) {
          // What it was is the runtime's trouble until it succeeds.
        }
      }
    } catch (InterruptedException e) {
      // The service ends.
    }
  }

  @Override
  public void onExit(ExitListener listener) {
    engines.values().forEach(runtime -> runtime.onExit(listener));
  }

  @Override
  public OptionalLong adopt(Member member) throws IOException {
    return reached(member).adopt(member);
  }

  @Override
  public long start(Member member, Optional<Upstream> upstream) throws IOException {
    return reached(member).start(member, upstream);
  }

  @Override
  public void stop(Member member, Duration patience) throws IOException, InterruptedException {
    reached(member).stop(member, patience);
  }

  @Override
  public void kill(Member member, Duration patience) throws IOException, InterruptedException {
    reached(member).kill(member, patience);
  }

  @Override
  public OptionalLong pid(Member member) {
    return ofMember.get(member.name()).pid(member);
  }

  @Override
  public Ended run(Member member, List<String> command, String input, Duration limit)
      throws IOException, InterruptedException {
    return reached(member).run(member, command, input, limit);
  }

  /**
   * On every engine that can be reached: the members' installation is the same on all.
   *
   * @throws IllegalStateException if it is not
   */
  @Override
  public Ended run(List<String> command, Duration limit) throws IOException, InterruptedException {
    Map<Ended, String> answers = new LinkedHashMap<>();
    for (DockerRuntime runtime : engines.values()) {
      if (runtime.isOpen()) {
        answers.putIfAbsent(runtime.run(command, limit), runtime.host());
      }
    }
    if (answers.size() > 1) {
      throw new IllegalStateException(
          "the members' images differ: have the same one on every engine; '"
              + String.join(" ", command)
              + "' says "
              + answers.entrySet().stream()
                  .map(each -> each.getKey().output().strip() + " on " + each.getValue())
                  .collect(Collectors.joining(", ")));
    }
    return answers.keySet().iterator().next();
  }

  @Override
  public MemberFiles files(String name) {
    return ofMember.get(name).files(name);
  }

  @Override
  public Path secret(Member member, Path file) throws IOException {
    return reached(member).secret(member, file);
  }

  @Override
  public String trouble() {
    return engines.values().stream()
        .map(DockerRuntime::trouble)
        .filter(trouble -> !trouble.isEmpty())
        .collect(Collectors.joining("; "));
  }

  @Override
  public void close() {
    threads.shutdownNow();
    engines.values().forEach(DockerRuntime::close);
  }

  private DockerRuntime reached(Member member) throws IOException {
    DockerRuntime runtime = ofMember.get(member.name());
    if (!runtime.isOpen()) {
      throw new IOException("the Docker engine at " + runtime.host() + " was not reached yet");
    }
    return runtime;
  }
}
