package io.shardguard.clusterspec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ObjIntConsumer;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/** A YAML document as JSON, with the line of every value by its JSON pointer. */
final class YamlTree {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String SETTINGS = "/settings/";

  private final Map<String, Integer> lines = new HashMap<>();
  private final ObjIntConsumer<String> duplicateKey;
  private final JsonNode root;

  /**
   * Converts a document; {@code duplicateKey} is told each key that stands twice in its mapping,
   * and its line.
   */
  YamlTree(Node document, ObjIntConsumer<String> duplicateKey) {
    this.duplicateKey = duplicateKey;
    this.root = convert(document, "");
  }

  JsonNode root() {
    return root;
  }

  /** The line of a value, from 1; that of the nearest value around it if there is no such value. */
  int line(String pointer) {
    for (String at = pointer;
        !at.isEmpty();
        at = at.substring(0, Math.max(0, at.lastIndexOf('/')))) {
      Integer line = lines.get(at);
      if (line != null) {
        return line;
      }
    }
    return lines.getOrDefault("", 1);
  }

  /** The line of a key of a mapping. */
  int line(String pointer, String key) {
    return line(pointer + "/" + escaped(key));
  }

  private JsonNode convert(Node node, String pointer) {
    lines.putIfAbsent(pointer, node.getStartMark().getLine() + 1);
    return switch (node) {
      case MappingNode mapping -> object(mapping, pointer);
      case SequenceNode sequence -> array(sequence, pointer);
      case ScalarNode scalar -> scalar(scalar, pointer);
      default -> JSON.nullNode();
    };
  }

  private ObjectNode object(MappingNode mapping, String pointer) {
    ObjectNode object = JSON.objectNode();
    for (NodeTuple entry : mapping.getValue()) {
      String key = entry.getKeyNode() instanceof ScalarNode name ? name.getValue() : "?";
      int line = entry.getKeyNode().getStartMark().getLine() + 1;
      if (object.has(key)) {
        duplicateKey.accept(key, line);
      }
      String child = pointer + "/" + escaped(key);
      lines.put(child, line);
      object.set(key, convert(entry.getValueNode(), child));
    }
    return object;
  }

  private ArrayNode array(SequenceNode sequence, String pointer) {
    ArrayNode array = JSON.arrayNode();
    for (Node element : sequence.getValue()) {
      array.add(convert(element, pointer + "/" + array.size()));
    }
    return array;
  }

  private static JsonNode scalar(ScalarNode scalar, String pointer) {
    String text = scalar.getValue();
    if (scalar.getTag().equals(Tag.NULL)) {
      return JSON.nullNode();
    }
    // A parameter's value is what was written: PostgreSQL reads `on` and `8MB` itself.
    if (pointer.startsWith(SETTINGS)) {
      return JSON.textNode(text);
    }
    if (scalar.getTag().equals(Tag.INT) && text.matches("-?\\d{1,18}")) {
      return JSON.numberNode(Long.parseLong(text));
    }
    if (scalar.getTag().equals(Tag.BOOL)) {
      return JSON.booleanNode(!text.matches("(?i)no|false|off"));
    }
    return JSON.textNode(text);
  }

  private static String escaped(String key) {
    return key.replace("~", "~0").replace("/", "~1");
  }
}
