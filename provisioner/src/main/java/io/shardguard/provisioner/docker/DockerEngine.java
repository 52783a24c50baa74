package io.shardguard.provisioner.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.command.InspectVolumeResponse;
import com.github.dockerjava.api.command.WaitContainerResultCallback;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.Event;
import com.github.dockerjava.api.model.EventType;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import io.shardguard.clusterspec.EngineSpec;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/**
 * A Docker engine. Every call is bounded in time by a clock of its own, since the transport does
 * not bound an answer; an {@link IOException} says that the engine did not do it, or cannot be
 * reached.
 */
final class DockerEngine implements AutoCloseable {

  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration QUICK = Duration.ofSeconds(20);
  private static final Duration SLOW = Duration.ofSeconds(60);

  /**
   * After so long without a byte a connection over the network is given up, lest a machine that is
   * off the network holds on to threads and connections. Without it the transport takes {@link
   * #CONNECT} for it: streams and long waits would break.
   */
  private static final Duration SILENCE = Duration.ofSeconds(60);

  private static final int CONNECTIONS = 200;
  private static final Pattern VERSION = Pattern.compile("v?(\\d+)\\.(\\d+)");
  private static final int HUNDRED = 100;
  private static final int OLDEST = 20_10;

  private final String host;
  private final Optional<Path> certificates;
  private final DockerClient client;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("docker-", 0).factory());

  /**
   * An engine.
   *
   * @param host {@code unix:///var/run/docker.sock} or {@code tcp://host:2376}
   * @param certificates for TLS: the directory of {@code ca.pem}, {@code cert.pem} and {@code
   *     key.pem}
   * @throws IllegalStateException if one of these is missing or not what it should be
   */
  DockerEngine(String host, Optional<Path> certificates) {
    this.host = host;
    this.certificates = certificates;
    this.client = client();
  }

  private DockerClient client() {
    DefaultDockerClientConfig.Builder builder =
        DefaultDockerClientConfig.createDefaultConfigBuilder()
            .withDockerHost(host)
            .withDockerTlsVerify(certificates.isPresent());
    certificates.ifPresent(directory -> {
      requireCertificates(directory);
      builder.withDockerCertPath(directory.toString());
    });
    DockerClientConfig config = builder.build();
    try {
      ZerodepDockerHttpClient.Builder transport =
          new ZerodepDockerHttpClient.Builder()
              .dockerHost(config.getDockerHost())
              .sslConfig(config.getSSLConfig())
              .maxConnections(CONNECTIONS)
              .connectionTimeout(CONNECT);
      if (certificates.isPresent()) {
        transport.responseTimeout(SILENCE);
      }
      return DockerClientImpl.getInstance(config, transport.build());
    } catch (RuntimeException e) {
      throw unusable(certificates.map(Path::toString).orElse("none"), deepest(e).getMessage());
    }
  }

  /** The client would do without: unencrypted, and asking nobody who he is. */
  private void requireCertificates(Path directory) {
    for (String file : EngineSpec.CERTIFICATES) {
      if (!Files.isReadable(directory.resolve(file))) {
        throw unusable(directory.toString(), file + " is not there or cannot be read");
      }
    }
  }

  private IllegalStateException unusable(String directory, String why) {
    return new IllegalStateException(
        "the certificates for the Docker engine at "
            + host
            + " cannot be used ("
            + why
            + "): "
            + directory
            + " must have ca.pem, cert.pem and key.pem");
  }

  /**
   * A container, as it is now.
   *
   * @param pid of its first process, as this engine's machine sees it; 0 if it does not run
   * @param addresses what was asked for in each network that it is connected to
   */
  record State(
      String id,
      boolean running,
      long pid,
      long exitCode,
      boolean outOfMemory,
      Map<String, String> labels,
      Map<String, String> addresses) {

    private static State of(InspectContainerResponse answer) {
      var state = answer.getState();
      Map<String, String> labels = answer.getConfig().getLabels();
      return new State(
          answer.getId(),
          Boolean.TRUE.equals(state.getRunning()),
          state.getPidLong() == null ? 0 : state.getPidLong(),
          state.getExitCodeLong() == null ? -1 : state.getExitCodeLong(),
          Boolean.TRUE.equals(state.getOOMKilled()),
          labels == null ? Map.of() : labels,
          addresses(answer));
    }

    private static Map<String, String> addresses(InspectContainerResponse answer) {
      Map<String, String> addresses = new HashMap<>();
      answer
          .getNetworkSettings()
          .getNetworks()
          .forEach((network, endpoint) -> {
            var asked = endpoint.getIpamConfig();
            addresses.put(
                network,
                asked == null || asked.getIpv4Address() == null ? "" : asked.getIpv4Address());
          });
      return addresses;
    }

    String label(String name) {
      return labels.getOrDefault(name, "");
    }
  }

  /** Where it listens. */
  String host() {
    return host;
  }

  /**
   * Sees that it answers, and can all that is asked of it.
   *
   * @throws IllegalStateException if it is too old
   */
  void requireVersion() throws IOException, InterruptedException {
    String version = call("say its version", QUICK, () -> client.versionCmd().exec().getVersion());
    requireVersion(host, version);
  }

  static void requireVersion(String host, String version) {
    Matcher numbers = VERSION.matcher(version);
    int found =
        numbers.lookingAt()
            ? Integer.parseInt(numbers.group(1)) * HUNDRED + Integer.parseInt(numbers.group(2))
            : 0;
    if (found < OLDEST) {
      throw new IllegalStateException(
          "the Docker engine at "
              + host
              + " is of version "
              + version
              + ": version 20.10 or newer is needed");
    }
  }

  /** A container by its name; empty if there is none. */
  Optional<State> state(String container) throws IOException, InterruptedException {
    return call(
        "inspect " + container,
        QUICK,
        () -> {
          try {
            return Optional.of(State.of(client.inspectContainerCmd(container).exec()));
          } catch (NotFoundException none) {
            return Optional.empty();
          }
        });
  }

  /**
   * The identity of an image, which changes when another is given its name.
   *
   * @throws IllegalStateException if there is none of this name; the message says what to do
   */
  String imageId(String image) throws IOException, InterruptedException {
    return call(
        "inspect the image " + image,
        QUICK,
        () -> {
          try {
            return client.inspectImageCmd(image).exec().getId();
          } catch (NotFoundException none) {
            throw new IllegalStateException(
                "the image " + image + " is not on the Docker engine: build or pull it", none);
          }
        });
  }

  /**
   * Makes a container.
   *
   * @return its id
   * @throws IllegalStateException if the image is missing or the name taken; the message says what
   *     to do
   */
  String create(String image, Function<CreateContainerCmd, CreateContainerCmd> form)
      throws IOException, InterruptedException {
    return call(
        "create a container of " + image,
        SLOW,
        () -> {
          try {
            return form.apply(client.createContainerCmd(image)).exec().getId();
          } catch (NotFoundException e) {
            throw new IllegalStateException(
                "the Docker engine cannot make a container ("
                    + e.getMessage().strip()
                    + "): build or pull the image "
                    + image
                    + ", and make the network",
                e);
          } catch (ConflictException e) {
            throw new IllegalStateException(
                "a container's name is taken (" + e.getMessage().strip() + "): remove that one", e);
          }
        });
  }

  /** Starts a container; nothing if it runs. */
  void start(String container) throws IOException, InterruptedException {
    call(
        "start " + container,
        SLOW,
        () -> {
          try {
            client.startContainerCmd(container).exec();
          } catch (NotModifiedException runs) {
            // As wanted.
          }
          return container;
        });
  }

  /** Sends a signal to a container's first process; nothing if it does not run. */
  void signal(String container, String signal) throws IOException, InterruptedException {
    call(
        "send " + signal + " to " + container,
        QUICK,
        () -> {
          try {
            client.killContainerCmd(container).withSignal(signal).exec();
          } catch (ConflictException | NotFoundException doesNotRun) {
            // As wanted.
          }
          return container;
        });
  }

  /** Ends and removes a container, whatever it does; nothing if there is none. */
  void remove(String container) throws IOException, InterruptedException {
    call(
        "remove " + container,
        SLOW,
        () -> {
          try {
            client.removeContainerCmd(container).withForce(true).exec();
          } catch (ConflictException | NotFoundException goneOrGoing) {
            // As wanted.
          }
          return container;
        });
  }

  /** Removes a container some time soon: for those who have no time left, or were interrupted. */
  void removeSoon(String container) {
    threads.execute(() -> {
      try {
        client.removeContainerCmd(container).withForce(true).exec();
      } catch (RuntimeException e) {
        // Found by its labels when the next one adopts the member.
      }
    });
  }

  /** The names of the containers with these labels, running or not. */
  List<String> containers(Map<String, String> labels) throws IOException, InterruptedException {
    return call(
        "list containers",
        QUICK,
        () ->
            client.listContainersCmd().withShowAll(true).withLabelFilter(labels).exec().stream()
                .map(container -> container.getNames()[0].substring(1))
                .toList());
  }

  /** The names of the running containers with these labels, paused ones too. */
  List<String> running(Map<String, String> labels) throws IOException, InterruptedException {
    return call(
        "list containers",
        QUICK,
        () ->
            client.listContainersCmd().withLabelFilter(labels).exec().stream()
                .map(container -> container.getNames()[0].substring(1))
                .toList());
  }

  /**
   * Waits for a container's end.
   *
   * @return its exit code
   */
  int await(String container, Duration limit) throws IOException, InterruptedException {
    return call(
        "wait for " + container,
        limit,
        () -> {
          while (true) {
            try (var end =
                client.waitContainerCmd(container).exec(new WaitContainerResultCallback())) {
              return end.awaitStatusCode();
            } catch (RuntimeException e) {
              if (!(deepest(e) instanceof SocketTimeoutException)) {
                throw e;
              }
            }
          }
        });
  }

  /** What a container's processes wrote to their standard output and error. */
  String output(String container) throws IOException, InterruptedException {
    StringBuffer text = new StringBuffer();
    return call(
        "read what " + container + " wrote",
        QUICK,
        () -> {
          client
              .logContainerCmd(container)
              .withStdOut(true)
              .withStdErr(true)
              .exec(
                  new ResultCallback.Adapter<Frame>() {
                    @Override
                    public void onNext(Frame frame) {
                      text.append(new String(frame.getPayload(), StandardCharsets.UTF_8));
                    }
                  })
              .awaitCompletion();
          return text.toString();
        });
  }

  /** The labels of a volume; empty if there is none of that name. */
  Optional<Map<String, String>> volume(String name) throws IOException, InterruptedException {
    return call(
        "inspect the volume " + name,
        QUICK,
        () -> {
          try {
            InspectVolumeResponse volume = client.inspectVolumeCmd(name).exec();
            return Optional.of(volume.getLabels() == null ? Map.of() : volume.getLabels());
          } catch (NotFoundException none) {
            return Optional.empty();
          }
        });
  }

  /** Makes a volume. */
  void createVolume(String name, Map<String, String> labels)
      throws IOException, InterruptedException {
    call(
        "make the volume " + name,
        SLOW,
        () -> client.createVolumeCmd().withName(name).withLabels(labels).exec());
  }

  /**
   * Runs a program in a running container, connected to its standard input and output; returns when
   * it was begun.
   *
   * @param input read until its end, by a thread of the engine's
   * @param output told of what the program writes, and of its end
   */
  Closeable connect(
      String container,
      List<String> command,
      InputStream input,
      ResultCallback.Adapter<Frame> output)
      throws IOException, InterruptedException {
    return call(
        "run " + command.getFirst() + " in " + container,
        QUICK,
        () -> {
          String id =
              client
                  .execCreateCmd(container)
                  .withAttachStdin(true)
                  .withAttachStdout(true)
                  .withAttachStderr(true)
                  .withCmd(command.toArray(String[]::new))
                  .exec()
                  .getId();
          var running = client.execStartCmd(id).withDetach(false).withStdIn(input).exec(output);
          running.awaitStarted();
          return running;
        });
  }

  /**
   * Tells of the ends of containers with these labels, as they come.
   *
   * @param ends told each container's name; its end says that nothing more comes
   */
  Closeable ends(Map<String, String> labels, ResultCallback.Adapter<Event> ends)
      throws IOException, InterruptedException {
    return call(
        "watch containers",
        QUICK,
        () -> {
          var watch =
              client
                  .eventsCmd()
                  .withEventTypeFilter(EventType.CONTAINER)
                  .withEventFilter("die")
                  .withLabelFilter(labels)
                  .exec(ends);
          watch.awaitStarted();
          return watch;
        });
  }

  private <T> T call(String what, Duration limit, Callable<T> call)
      throws IOException, InterruptedException {
    Future<T> answer = threads.submit(call);
    try {
      return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IOException(
          "the Docker engine at "
              + host
              + " did not "
              + what
              + " within "
              + limit.toSeconds()
              + " s");
    } catch (ExecutionException e) {
      throw failure(what, e.getCause());
    } finally {
      answer.cancel(true);
    }
  }

  private IOException failure(String what, Throwable cause) {
    if (cause instanceof IllegalStateException clear) {
      throw clear;
    }
    if (deepest(cause) instanceof GeneralSecurityException
        || deepest(cause) instanceof SSLException
        || cause.getCause() instanceof SSLException) {
      return new IOException(
          "the Docker engine at "
              + host
              + " and the certificates in "
              + certificates.map(Path::toString).orElse("no directory")
              + " do not trust each other: "
              + deepest(cause).getMessage(),
          cause);
    }
    boolean answered = cause instanceof DockerException;
    Throwable said = answered ? cause : deepest(cause);
    String words = said.getMessage() == null ? said.toString() : said.getMessage().strip();
    return new IOException(
        "the Docker engine at "
            + host
            + (answered ? " did not " : " cannot be reached to ")
            + what
            + ": "
            + words
            + hungUp(said),
        cause);
  }

  /** With TLS 1.3 the refusal of a client's certificate may be lost: the engine just hangs up. */
  private String hungUp(Throwable said) {
    boolean connected = said instanceof SocketException && !(said instanceof ConnectException);
    return connected && certificates.isPresent()
        ? "; it hung up, as it does when it does not trust the certificates in "
            + certificates.get()
        : "";
  }

  private static Throwable deepest(Throwable failure) {
    return failure.getCause() == null ? failure : deepest(failure.getCause());
  }

  @Override
  public void close() {
    threads.shutdownNow();
    try {
      client.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
