package io.shardguard.lbconfigurator.core;

import io.quarkus.qute.Engine;
import io.quarkus.qute.ReflectionValueResolver;
import io.quarkus.qute.Template;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Renders {@code haproxy.cfg} from its template. The same routes always give the same text. */
public final class HaproxyConfigRenderer {

  private static final int HASH_CHARACTERS = 16;

  private final Template template;
  private final Frontends frontends;

  /** A renderer from the template's text. */
  public HaproxyConfigRenderer(String template, Frontends frontends) {
    this.template =
        Engine.builder()
            .addDefaults()
            .addValueResolver(new ReflectionValueResolver())
            .strictRendering(true)
            .build()
            .parse(template);
    this.frontends = frontends;
  }

  /** The configuration for these routes. */
  public HaproxyConfig render(Routes routes) {
    String hash = hash(text(routes, ""));
    return new HaproxyConfig(hash, text(routes, hash));
  }

  private String text(Routes routes, String hash) {
    return template
        .data("hash", hash)
        .data("frontends", frontends)
        .data("oldSessionsSeconds", frontends.oldSessions().toSeconds())
        .data("routes", routes)
        .render();
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest).substring(0, HASH_CHARACTERS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
