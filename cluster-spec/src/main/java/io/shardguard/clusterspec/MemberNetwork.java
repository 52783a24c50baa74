package io.shardguard.clusterspec;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The IPv4 network that members get their addresses from, {@code 127.0.0.0/8} or a private one such
 * as {@code 10.83.0.0/16}.
 *
 * @param prefix the first two numbers of its addresses
 * @param bits the length of its mask, 8 or 16
 */
public record MemberNetwork(String prefix, int bits) {

  /** Members are processes beside each other, on this machine's loopback. */
  public static final MemberNetwork LOOPBACK = new MemberNetwork("127.0", 8);

  private static final Pattern WRITTEN = Pattern.compile("(\\d{1,3}\\.\\d{1,3})\\.0\\.0/(8|16)");

  /**
   * Reads {@code a.b.0.0/bits}.
   *
   * @throws IllegalArgumentException if it is not written like this
   */
  public static MemberNetwork of(String written) {
    Matcher parts = WRITTEN.matcher(written);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "'" + written + "' is no network for members; write it like 10.83.0.0/16");
    }
    return new MemberNetwork(parts.group(1), Integer.parseInt(parts.group(2)));
  }

  /** The address of a member that has none declared. */
  public String host(int group, int index) {
    return prefix + "." + (10 + group) + "." + (1 + index);
  }

  /** The address that the rest of the machine has in a network of the members' own. */
  public String machine() {
    return prefix + ".0.1";
  }

  /** Whether a host is written as an address of this network. */
  public boolean contains(String host) {
    int fixed = bits / 8;
    String[] numbers = host.split("\\.", -1);
    if (numbers.length != 4) {
      return false;
    }
    for (int i = 0; i < numbers.length; i++) {
      if (!numbers[i].matches("\\d{1,3}")
          || Integer.parseInt(numbers[i]) > 255
          || (i < fixed && !numbers[i].equals(prefix.split("\\.")[i]))) {
        return false;
      }
    }
    return true;
  }

  /** As {@link #of} reads it. */
  @Override
  public String toString() {
    return prefix + ".0.0/" + bits;
  }
}
