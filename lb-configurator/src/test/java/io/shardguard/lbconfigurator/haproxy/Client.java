package io.shardguard.lbconfigurator.haproxy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A client's session through HAProxy. */
public final class Client implements AutoCloseable {

  private final Socket socket;
  private final BufferedReader answers;

  public Client(int port) throws IOException {
    socket = new Socket("127.0.0.1", port);
    socket.setSoTimeout(20_000);
    answers =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Who answers; null if the session was ended. */
  public String whoAnswers() {
    try {
      socket.getOutputStream().write("who\n".getBytes(StandardCharsets.UTF_8));
      return answers.readLine();
    } catch (java.net.SocketTimeoutException hung) {
      throw new AssertionError("the session hangs", hung);
    } catch (IOException cut) {
      return null;
    }
  }

  /** Who answers a new connection; null if nobody does. */
  public static String whoAnswers(int port) {
    try (Client client = new Client(port)) {
      return client.whoAnswers();
    } catch (IOException refused) {
      return null;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
