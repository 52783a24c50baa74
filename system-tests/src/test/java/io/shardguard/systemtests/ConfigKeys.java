package io.shardguard.systemtests;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The keys of a {@code @ConfigMapping} interface, from its source text: the services are not on the
 * class path here.
 */
final class ConfigKeys {

  /** In the place of a default. */
  static final String REQUIRED = "required";

  static final String OPTIONAL = "optional";

  private static final Pattern PREFIX =
      Pattern.compile("@ConfigMapping\\(prefix = \"([^\"]+)\"\\)");
  private static final Pattern INTERFACE = Pattern.compile("\\binterface (\\w+) \\{");
  private static final Pattern METHOD =
      Pattern.compile(
          "(?:@WithName\\(\"(?<name>[^\"]+)\"\\)\\s+)?(?:@WithDefault\\(\"(?<value>[^\"]*)\"\\)\\s+)?"
              + "(?<type>[\\w.]+(?:<\\w+>)?) (?<method>\\w+)\\(\\);");

  private final Map<String, String> bodies = new LinkedHashMap<>();
  private final Map<String, String> keys = new LinkedHashMap<>();

  private ConfigKeys() {}

  /** Each key, with its default as written, {@link #REQUIRED} or {@link #OPTIONAL}. */
  static Map<String, String> of(String source) {
    String code = source.replaceAll("(?s)/\\*.*?\\*/", "");
    Matcher prefix = PREFIX.matcher(code);
    if (!prefix.find()) {
      throw new IllegalArgumentException("no @ConfigMapping");
    }
    ConfigKeys keys = new ConfigKeys();
    keys.split(code);
    keys.collect(prefix.group(1), keys.bodies.keySet().iterator().next());
    return keys.keys;
  }

  /** Gives each interface its own methods, without those of the interfaces inside it. */
  private void split(String code) {
    Matcher opening = INTERFACE.matcher(code);
    while (opening.find()) {
      String body = code.substring(opening.end(), closing(code, opening.end()));
      bodies.put(opening.group(1), body.replaceAll("(?s)\\b(?:interface|enum) \\w+ \\{.*", ""));
    }
  }

  private static int closing(String code, int from) {
    int depth = 1;
    for (int at = from; at < code.length(); at++) {
      depth += code.charAt(at) == '{' ? 1 : code.charAt(at) == '}' ? -1 : 0;
      if (depth == 0) {
        return at;
      }
    }
    throw new IllegalArgumentException("an interface without an end");
  }

  private void collect(String prefix, String interfaceName) {
    Matcher method = METHOD.matcher(bodies.get(interfaceName));
    while (method.find()) {
      String name =
          method.group("name") != null ? method.group("name") : dashed(method.group("method"));
      String key = prefix + "." + name;
      if (bodies.containsKey(method.group("type"))) {
        collect(key, method.group("type"));
      } else if (method.group("value") != null) {
        keys.put(key, method.group("value"));
      } else {
        keys.put(key, method.group("type").startsWith("Optional") ? OPTIONAL : REQUIRED);
      }
    }
  }

  private static String dashed(String camelCase) {
    return camelCase.replaceAll("([a-z])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
  }
}
