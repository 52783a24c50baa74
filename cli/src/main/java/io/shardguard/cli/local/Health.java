package io.shardguard.cli.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Asks the services over HTTP. */
public final class Health {

  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final Duration ANSWER = Duration.ofSeconds(5);

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT).build();
  private final ObjectMapper json = new ObjectMapper();

  /**
   * A service's word on its readiness.
   *
   * @param detail the names of the checks that are down, or why there is no answer
   */
  public record Answer(boolean ready, String detail) {}

  /** Asks a service on this machine whether it is ready. */
  public Answer ready(int port) {
    try {
      HttpResponse<String> response = call(port, "GET", "/q/health/ready", ANSWER);
      return new Answer(
          response.statusCode() == 200,
          response.statusCode() == 200 ? "" : downChecks(response.body()));
    } catch (IOException e) {
      return new Answer(false, "no answer");
    }
  }

  /** Calls a service on this machine. */
  public HttpResponse<String> call(int port, String method, String path, Duration bound)
      throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(bound)
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build();
    try {
      return http.send(request, BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** What a service on this machine answers; a missing node if it does not, or not in JSON. */
  JsonNode json(int port, String path) {
    try {
      HttpResponse<String> response = call(port, "GET", path, ANSWER);
      return response.statusCode() == 200
          ? json.readTree(response.body())
          : MissingNode.getInstance();
    } catch (IOException noAnswer) {
      return MissingNode.getInstance();
    }
  }

  /** Whether one of the cluster's Kafka brokers takes connections. */
  public boolean kafka(Installation installation) {
    return IntStream.rangeClosed(1, installation.brokers())
        .anyMatch(broker -> accepts("127.0.0.1", installation.ports().kafka(broker)));
  }

  /** Whether something takes connections there. */
  public boolean accepts(String host, int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), (int) CONNECT.toMillis());
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private String downChecks(String body) {
    List<String> down = new ArrayList<>();
    try {
      for (JsonNode check : json.readTree(body).path("checks")) {
        if (!"UP".equals(check.path("status").asText())) {
          down.add(
              check.path("name").asText() + (check.has("data") ? " " + check.path("data") : ""));
        }
      }
    } catch (IOException e) {
      down.add(body);
    }
    return String.join("; ", down);
  }
}
