package io.shardguard.healthmonitor.core;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A bound on a standby's replay lag, as clients write it: {@code 1048576}, {@code 512kB}, {@code
 * 10MB}, {@code 1GB}.
 */
public final class Lag {

  private static final Pattern FORM = Pattern.compile("(\\d{1,12})\\s*(B|KB|MB|GB|TB)?");
  private static final Map<String, Long> UNITS =
      Map.of("B", 1L, "KB", 1L << 10, "MB", 1L << 20, "GB", 1L << 30, "TB", 1L << 40);

  private Lag() {}

  /**
   * The bound in bytes.
   *
   * @throws IllegalArgumentException if the text is not a whole number with an optional unit
   */
  public static long bytes(String text) {
    Matcher matcher = FORM.matcher(text.strip().toUpperCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "not a lag: '"
              + text
              + "'; give bytes (1048576), or a whole number with kB, MB, GB or TB (10MB)");
    }
    String unit = matcher.group(2) == null ? "B" : matcher.group(2);
    try {
      return Math.multiplyExact(Long.parseLong(matcher.group(1)), UNITS.get(unit));
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "not a lag: '" + text + "' is more bytes than there can be", e);
    }
  }
}
