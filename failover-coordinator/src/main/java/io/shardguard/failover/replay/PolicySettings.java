package io.shardguard.failover.replay;

import io.shardguard.failover.core.Policy;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A policy by the names that its values have in the configuration, without what all have in front.
 */
public final class PolicySettings {

  private static final String STALLED = "standby-stalled-after";
  private static final String SILENT = "standby-silent-after";
  private static final String AT_MOST = "failovers-at-most";
  private static final String WITHIN = "failovers-within";
  private static final String BAR = "bar-after";
  private static final String SYNC = "metadata-synced-within";
  private static final Pattern SIMPLE = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)?");
  private static final Pattern PREFIX = Pattern.compile("^(shardguard\\.)?failover\\.");

  /** The policy of a service for which nothing else is configured. */
  public static final SortedMap<String, String> DEFAULTS =
      new TreeMap<>(
          Map.of(
              STALLED, "PT2S", SILENT, "PT3S", AT_MOST, "10", WITHIN, "PT10M", BAR, "PT1S", SYNC,
              "PT5S"));

  private PolicySettings() {}

  /** The settings of a policy. */
  public static SortedMap<String, String> of(Policy policy) {
    return new TreeMap<>(
        Map.of(
            STALLED, policy.standbyStalledAfter().toString(),
            SILENT, policy.standbySilentAfter().toString(),
            AT_MOST, Integer.toString(policy.failoversAtMost()),
            WITHIN, policy.failoversWithin().toString(),
            BAR, policy.barAfter().toString(),
            SYNC, policy.syncWithin().toString()));
  }

  /**
   * The name of a setting as a person gave it: {@code shardguard.failover.bar-after}, {@code
   * failover.bar-after} or {@code bar-after}.
   *
   * @throws IllegalArgumentException if decisions know no such setting
   */
  public static String name(String given) {
    String name = PREFIX.matcher(given).replaceFirst("");
    if (!DEFAULTS.containsKey(name)) {
      throw new IllegalArgumentException(
          "'"
              + given
              + "' is no setting of the decisions; these are: failover."
              + String.join(", failover.", DEFAULTS.keySet()));
    }
    return name;
  }

  /**
   * The policy of these settings; of the defaults where one is missing. Names that are unknown here
   * are passed over.
   *
   * @throws IllegalArgumentException if a value is none, or could not work
   */
  public static Policy policy(Map<String, String> settings) {
    Map<String, String> all = new TreeMap<>(DEFAULTS);
    all.putAll(settings);
    return new Policy(
        duration(STALLED, all),
        duration(SILENT, all),
        count(AT_MOST, all),
        duration(WITHIN, all),
        duration(BAR, all),
        duration(SYNC, all));
  }

  private static int count(String name, Map<String, String> settings) {
    try {
      return Integer.parseInt(settings.get(name));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          name + ": '" + settings.get(name) + "' is no whole number", e);
    }
  }

  private static Duration duration(String name, Map<String, String> settings) {
    String text = settings.get(name);
    Matcher simple = SIMPLE.matcher(text);
    if (simple.matches()) {
      long number = Long.parseLong(simple.group(1));
      return switch (simple.group(2) == null ? "s" : simple.group(2)) {
        case "ms" -> Duration.ofMillis(number);
        case "m" -> Duration.ofMinutes(number);
        case "h" -> Duration.ofHours(number);
        case "d" -> Duration.ofDays(number);
        default -> Duration.ofSeconds(number);
      };
    }
    try {
      return Duration.parse(text);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          name + ": '" + text + "' is no duration like 800ms, 8s, 10m or PT8S", e);
    }
  }
}
