package io.shardguard.lbconfigurator.haproxy;

import io.shardguard.events.MemberAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Stands for a member: answers each line with its name. */
public final class EchoMember implements AutoCloseable {

  public final String name;
  private final ServerSocket listener;

  public EchoMember(String name) throws IOException {
    this.name = name;
    this.listener = new ServerSocket(0, 100, InetAddress.getByName("127.0.0.1"));
    Thread.ofVirtual().start(this::accept);
  }

  public MemberAddress address() {
    return new MemberAddress(name, "127.0.0.1", listener.getLocalPort());
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private void serve(Socket socket) {
    try (socket;
        BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
      while (lines.readLine() != null) {
        socket.getOutputStream().write((name + "\n").getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException gone) {
      // The client is gone, or was cut.
    }
  }
}
