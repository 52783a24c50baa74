package io.shardguard.provisioner.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.shardguard.clusterspec.MemberLimits;
import io.shardguard.provisioner.docker.DockerEngines.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said where no engine is, and of one that can make nothing any more. */
class EngineTest {

  private static final String NO_SPACE = "{\"message\": \"mkdir: no space left on device\"}";

  @TempDir Path directory;

  private final List<String> made = new CopyOnWriteArrayList<>();
  private HttpServer fullEngine;
  private boolean hasVolume;

  @BeforeEach
  void beginAFullEngine() throws IOException {
    fullEngine = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    fullEngine.createContext("/", this::answer);
    fullEngine.start();
  }

  @AfterEach
  void endIt() {
    fullEngine.stop(0);
  }

  @Test
  void anEngineThatIsNotThereIsNamedWithItsAddress() {
    String host = "unix://" + directory.resolve("none.sock");

    assertThatThrownBy(() -> open(host))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the Docker engine at " + host + " cannot be reached");
  }

  @Test
  void certificatesThatAreMissingAreNamedWithTheirDirectory() {
    Endpoint endpoint =
        new Endpoint("tcp://127.0.0.1:1", Optional.of(directory), List.of("worker-1a"));

    assertThatThrownBy(() -> open(endpoint))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(directory + " must have ca.pem, cert.pem and key.pem");
  }

  @Test
  void anEngineThatIsTooOldIsRefused() {
    assertThatThrownBy(() -> DockerEngine.requireVersion("unix:///here", "19.03.15"))
        .hasMessage(
            "the Docker engine at unix:///here is of version 19.03.15:"
                + " version 20.10 or newer is needed");
    DockerEngine.requireVersion("unix:///here", "20.10.24+dfsg1");
    DockerEngine.requireVersion("unix:///here", "28.2.2");
  }

  @Test
  void anEngineWithoutRoomForAVolumeIsQuotedAndNothingIsMade() {
    assertThatThrownBy(() -> open(address()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("did not make the volume sgtest-worker-1a")
        .hasMessageContaining("no space left on device");
    assertThat(made).containsExactly("/volumes/create");
  }

  @Test
  void anEngineWithoutRoomForAContainerIsQuotedAndNothingIsStarted() {
    hasVolume = true;
    assertThatThrownBy(() -> open(address()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("did not create a container of none")
        .hasMessageContaining("no space left on device");
    assertThat(made).containsExactly("/containers/create");
  }

  private void open(String host) throws IOException, InterruptedException {
    open(new Endpoint(host, Optional.empty(), List.of("worker-1a")));
  }

  private void open(Endpoint endpoint) throws IOException, InterruptedException {
    DockerPlace place =
        new DockerPlace(
            "demo", "sgtest", "sgtest", "none", Path.of("/bin"), directory, MemberLimits.NONE);
    DockerEngines.open(Map.of("here", endpoint), place, directory.resolve("pgpass")).close();
  }

  private String address() {
    return "tcp://127.0.0.1:" + fullEngine.getAddress().getPort();
  }

  /** It has an image, perhaps a volume, and no room. */
  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    if (exchange.getRequestMethod().equals("POST")) {
      made.add(path);
      say(exchange, 500, NO_SPACE);
    } else if (path.endsWith("/version")) {
      say(exchange, 200, "{\"Version\": \"20.10.24\"}");
    } else if (path.endsWith("/images/none/json")) {
      say(exchange, 200, "{\"Id\": \"sha256:1\"}");
    } else if (path.endsWith("/containers/json")) {
      say(exchange, 200, "[]");
    } else if (path.endsWith("/volumes/sgtest-worker-1a") && hasVolume) {
      say(
          exchange,
          200,
          "{\"Name\": \"sgtest-worker-1a\", \"Labels\": {\"io.shardguard.cluster\": \"demo\","
              + " \"io.shardguard.member\": \"worker-1a\"}}");
    } else {
      say(exchange, 404, "{\"message\": \"none of that name\"}");
    }
  }

  private static void say(HttpExchange exchange, int code, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(code, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}
