package io.shardguard.clusterspec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.PathType;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import java.util.List;
import java.util.Locale;

/**
 * Checks a document against cluster.schema.json. The descriptions in the schema say how each part
 * is written.
 */
final class SchemaCheck {

  private final JsonNode schemaTree;
  private final JsonSchema schema;

  SchemaCheck() {
    try {
      schemaTree = new ObjectMapper().readTree(ClusterSpec.resource("cluster.schema.json"));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cluster.schema.json is not JSON", e);
    }
    SchemaValidatorsConfig config =
        SchemaValidatorsConfig.builder()
            .pathType(PathType.JSON_POINTER)
            .locale(Locale.ENGLISH)
            .build();
    schema = JsonSchemaFactory.getInstance(VersionFlag.V202012).getSchema(schemaTree, config);
  }

  /**
   * What the schema does not allow.
   *
   * @param pointer the place in the document; the unknown key itself if that is what is wrong
   */
  record Violation(String pointer, String what, String remedy) {}

  List<Violation> violations(JsonNode document) {
    return schema.validate(document).stream().map(this::violation).toList();
  }

  private Violation violation(ValidationMessage message) {
    String pointer = message.getInstanceLocation().toString();
    String what = where(pointer) + text(message);
    boolean aboutKey =
        "additionalProperties".equals(message.getType()) && message.getProperty() != null;
    return new Violation(
        aboutKey ? pointer + "/" + message.getProperty() : pointer, what, remedy(message));
  }

  private static String text(ValidationMessage message) {
    return switch (message.getType()) {
      case "additionalProperties" -> "the key '" + message.getProperty() + "' is unknown";
      case "required" -> "the key '" + message.getProperty() + "' is missing";
      case "pattern" ->
          "the value " + message.getInstanceNode() + " has another form than expected";
      default -> message.getError();
    };
  }

  private static String where(String pointer) {
    return pointer.isEmpty() ? "" : pointer.substring(1).replace('/', '.') + ": ";
  }

  /** The description nearest to the keyword that was not met. */
  private String remedy(ValidationMessage message) {
    String keyword = message.getSchemaLocation().getFragment().toString();
    for (String at = keyword; !at.isEmpty(); at = at.substring(0, at.lastIndexOf('/'))) {
      JsonNode description = schemaTree.at(at).path("description");
      if (description.isTextual()) {
        return description.asText();
      }
    }
    return schemaTree.path("description").asText();
  }
}
