package io.shardguard.lbconfigurator;

import io.shardguard.lbconfigurator.LbConfig.HaproxySettings;
import io.shardguard.lbconfigurator.core.Frontends;
import io.shardguard.lbconfigurator.core.HaproxyConfigRenderer;
import io.shardguard.lbconfigurator.haproxy.Haproxy;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Makes the parts from the settings. */
class Wiring {

  private static final String TEMPLATE = "/templates/haproxy.cfg";

  @Produces
  @Singleton
  HaproxyConfigRenderer renderer(LbConfig config) {
    HaproxySettings haproxy = config.haproxy();
    return new HaproxyConfigRenderer(
        template(),
        new Frontends(
            config.host(),
            haproxy.writePort(),
            haproxy.readPort(),
            haproxy.anyPort(),
            haproxy.statsPort(),
            directory(haproxy).resolve("stats.sock").toString(),
            haproxy.checkUser(),
            haproxy.oldSessions()));
  }

  @Produces
  @Singleton
  Haproxy haproxy(LbConfig config) {
    return new Haproxy(
        directory(config.haproxy()), config.haproxy().program(), config.haproxy().deadline());
  }

  /** The template's text. */
  static String template() {
    try (InputStream template = Wiring.class.getResourceAsStream(TEMPLATE)) {
      return new String(template.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("the template of haproxy.cfg cannot be read", e);
    }
  }

  private static Path directory(HaproxySettings haproxy) {
    return haproxy.dir().toAbsolutePath().normalize();
  }
}
