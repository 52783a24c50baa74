package io.shardguard.provisioner.core;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The text of postgresql.auto.conf, which ALTER SYSTEM writes too. */
public final class AutoConf {

  private AutoConf() {}

  /**
   * The same settings without some and with others.
   *
   * @param removed names of parameters
   * @param added values by name, as PostgreSQL takes them, unquoted
   */
  public static String edited(String text, Set<String> removed, Map<String, String> added) {
    String kept =
        text.lines()
            .filter(line -> !removed.contains(name(line)) && !added.containsKey(name(line)))
            .map(line -> line + "\n")
            .collect(Collectors.joining());
    return kept + lines(added);
  }

  /** One line {@code name = 'value'} for each setting. */
  public static String lines(Map<String, String> settings) {
    return settings.entrySet().stream()
        .map(setting -> setting.getKey() + " = " + quoted(setting.getValue()) + "\n")
        .collect(Collectors.joining());
  }

  /** A literal of configuration files and of SQL with standard_conforming_strings. */
  public static String quoted(String value) {
    return "'" + value.replace("'", "''") + "'";
  }

  private static String name(String line) {
    int equals = line.indexOf('=');
    return equals < 0 ? "" : line.substring(0, equals).strip().toLowerCase(java.util.Locale.ROOT);
  }
}
