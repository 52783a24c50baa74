package io.shardguard.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds TCP ports that nobody listens on, below the range from which the kernel takes ports for
 * outgoing connections.
 */
public final class FreePorts {

  private static final int LOWEST = 20_000;
  private static final int HIGHEST = 32_000;
  private static final int TRIES = 200;

  private FreePorts() {}

  /**
   * A port that was free on this address a moment ago.
   *
   * @throws IllegalStateException when 200 random ports were all taken
   */
  public static int on(String address) {
    for (int i = 0; i < TRIES; i++) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
      if (isFree(address, port)) {
        return port;
      }
    }
    throw new IllegalStateException("no free port found on " + address);
  }

  private static boolean isFree(String address, int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getByName(address), port));
      return true;
    } catch (UnknownHostException e) {
      throw new UncheckedIOException(e);
    } catch (IOException taken) {
      return false;
    }
  }
}
