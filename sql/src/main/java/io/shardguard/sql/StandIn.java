package io.shardguard.sql;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The stand-in for Citus on stock PostgreSQL.
 *
 * <p>Each script is plain SQL with many statements, to be run by the simple query protocol as a
 * superuser, in the Citus database of every primary. Running them again is safe.
 */
public final class StandIn {

  private static final List<String> FILES =
      List.of("01-catalog.sql", "02-nodes.sql", "03-tables.sql", "04-refusals.sql");

  /**
   * What {@code citus_version()} starts with where the stand-in is installed; Citus' own starts
   * with "Citus".
   */
  public static final String VERSION_PREFIX = "Shardguard stand-in for Citus";

  private StandIn() {}

  /** The text of all scripts, in the order in which they must run. */
  public static List<String> scripts() {
    return FILES.stream().map(StandIn::read).toList();
  }

  private static String read(String file) {
    String path = "/sql/standin/" + file;
    try (InputStream in = StandIn.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException(path + " is not in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path, e);
    }
  }
}
