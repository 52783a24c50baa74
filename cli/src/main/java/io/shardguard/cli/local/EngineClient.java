package io.shardguard.cli.local;

import io.shardguard.clusterspec.ClusterSpec;
import io.shardguard.clusterspec.EngineSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The client docker, for one engine.
 *
 * @param name the engine's, for people
 * @param options which say where the engine is, and how to prove who calls
 */
record EngineClient(String name, List<String> options) {

  /** This machine's engine, as the client finds it by itself. */
  static final EngineClient HERE = new EngineClient("on this machine", List.of());

  EngineClient {
    options = List.copyOf(options);
  }

  /**
   * A declared engine.
   *
   * @param certificates the directory with a directory of each engine's name
   */
  static EngineClient of(EngineSpec engine, Path certificates) {
    if (!engine.tls()) {
      return new EngineClient(engine.name(), List.of());
    }
    Path own = engine.certificates(certificates);
    return new EngineClient(
        engine.name(),
        List.of(
            "--host",
            engine.host(),
            "--tlsverify",
            "--tlscacert",
            own.resolve("ca.pem").toString(),
            "--tlscert",
            own.resolve("cert.pem").toString(),
            "--tlskey",
            own.resolve("key.pem").toString()));
  }

  /** Those of a declaration that are not this machine's. */
  static List<EngineClient> elsewhere(ClusterSpec spec, Path certificates) {
    return spec.engines().stream()
        .filter(EngineSpec::tls)
        .map(engine -> of(engine, certificates))
        .toList();
  }

  /** Whether it is another than this machine's. */
  boolean remote() {
    return !options.isEmpty();
  }

  /** A whole command line. */
  List<String> command(List<String> words) {
    List<String> command = new ArrayList<>(List.of("docker"));
    command.addAll(options);
    command.addAll(words);
    return command;
  }

  Command.Result call(Duration bound, String... words) {
    return Command.run(bound, command(List.of(words)));
  }
}
