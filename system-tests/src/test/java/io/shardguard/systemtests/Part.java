package io.shardguard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A part of the control plane whose process can be found, and is supervised. */
enum Part {
  KAFKA("app/broker/broker.jar", 20),
  PROVISIONER("app/provisioner/quarkus-run.jar", 30),
  HEALTH_MONITOR("app/health-monitor/quarkus-run.jar", 31),
  FAILOVER_COORDINATOR("app/failover-coordinator/quarkus-run.jar", 32),
  LB_CONFIGURATOR("app/lb-configurator/quarkus-run.jar", 33);

  private static final Duration ANSWER = Duration.ofSeconds(5);

  private final String program;
  private final int port;

  Part(String program, int portOffset) {
    this.program = program;
    this.port = portOffset; // from the cluster's lowest
  }

  /** What the part is started from. */
  Path program(Stack stack) {
    return stack.state().resolve(program);
  }

  /** Its one process; fails if there is none, or a second. */
  ProcessHandle process(Stack stack) {
    List<ProcessHandle> found = processes(stack);
    assertThat(found).as("processes of %s", this).hasSize(1);
    return found.getFirst();
  }

  /** Every process of it. */
  List<ProcessHandle> processes(Stack stack) {
    String path = program(stack).toString();
    return ProcessHandle.allProcesses()
        .filter(process -> process.info().commandLine().orElse("").contains(path))
        .toList();
  }

  /** Ends it at once; whoever supervises it starts it again. */
  void kill(Stack stack) throws Exception {
    ProcessHandle process = process(stack);
    process.destroyForcibly();
    process.onExit().get(ANSWER.toSeconds(), TimeUnit.SECONDS);
  }

  /** A process of it is there, and says itself that it can do its work. */
  boolean isReady(Stack stack) throws InterruptedException {
    if (processes(stack).size() != 1) {
      return false;
    }
    return this == KAFKA ? takesConnections(stack.portBase() + port) : saysReady(stack);
  }

  private static boolean takesConnections(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), (int) ANSWER.toMillis());
      return true;
    } catch (IOException notYet) {
      return false;
    }
  }

  private boolean saysReady(Stack stack) throws InterruptedException {
    try {
      return answer(stack, "q/health/ready").statusCode() == 200;
    } catch (IOException notYet) {
      return false;
    }
  }

  /** What a service answers at a path; fails unless it answers well. */
  String get(Stack stack, String path) throws Exception {
    HttpResponse<String> answer = answer(stack, path);
    assertThat(answer.statusCode()).as("%s of %s", path, this).isEqualTo(200);
    return answer.body();
  }

  private HttpResponse<String> answer(Stack stack, String path)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + (stack.portBase() + port) + "/" + path);
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(ANSWER).build()) {
      HttpRequest request = HttpRequest.newBuilder(uri).timeout(ANSWER).build();
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    }
  }
}
