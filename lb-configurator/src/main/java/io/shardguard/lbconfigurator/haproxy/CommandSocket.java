package io.shardguard.lbconfigurator.haproxy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/** HAProxy's command socket of its master process: one connection for each command. */
public final class CommandSocket {

  private static final int BUFFER_BYTES = 16_384;

  private final Path path;
  private final Duration deadline;

  /**
   * A socket at this path.
   *
   * @param deadline for each command
   */
  public CommandSocket(Path path, Duration deadline) {
    this.path = path;
    this.deadline = deadline;
  }

  /**
   * Gives a command to the master process.
   *
   * @return the answer; empty for a command that only does something
   * @throws IOException if nobody listens (also for the tenth of a second that a reload takes) or
   *     no answer comes in time
   */
  public String ask(String command) throws IOException {
    long giveUpAt = System.nanoTime() + deadline.toNanos();
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path));
        Selector selector = Selector.open()) {
      channel.write(ByteBuffer.wrap((command + "\n").getBytes(StandardCharsets.UTF_8)));
      channel.shutdownOutput();
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ);
      return readToEnd(channel, selector, giveUpAt, command);
    }
  }

  /** Gives a command to one worker process. */
  public String ask(long worker, String command) throws IOException {
    return ask("@!" + worker + " " + command);
  }

  private String readToEnd(SocketChannel channel, Selector selector, long giveUpAt, String command)
      throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    while (channel.read(buffer) >= 0) {
      answer.write(buffer.array(), 0, buffer.position());
      buffer.clear();
      long leftMillis = (giveUpAt - System.nanoTime()) / 1_000_000;
      if (leftMillis <= 0) {
        throw new SocketTimeoutException(
            "HAProxy did not answer '" + command + "' within " + deadline);
      }
      selector.select(leftMillis);
      selector.selectedKeys().clear();
    }
    return answer.toString(StandardCharsets.UTF_8);
  }
}
