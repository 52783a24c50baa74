package io.shardguard.provisioner.member;

import io.shardguard.provisioner.runtime.MemberFiles;
import io.shardguard.provisioner.runtime.ServerUser;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/** Whose a data directory is, and whether it is whole. */
final class MemberData {

  private static final String PUT_ASIDE = "data.old-*";

  private final String cluster;
  private final String postgresMajor;
  private final ServerUser user;

  /**
   * The keeper of the markers of one cluster.
   *
   * @param postgresMajor the major version of the installed PostgreSQL
   */
  MemberData(String cluster, String postgresMajor, ServerUser user) {
    this.cluster = cluster;
    this.postgresMajor = postgresMajor;
    this.user = user;
  }

  /**
   * What the marker says of a data directory.
   *
   * @param madeAnew it was made by initdb, not copied
   */
  record Marker(
      String cluster,
      String member,
      String postgresMajor,
      String systemIdentifier,
      boolean madeAnew) {}

  /**
   * The member has a whole data directory, and it is its own.
   *
   * @throws IllegalStateException if the directory is of another cluster, member or PostgreSQL
   *     version; the message says what to do
   */
  boolean present(MemberFiles files, String member) throws IOException {
    if (!Files.exists(files.data())) {
      return false;
    }
    Marker marker = marker(files).orElseThrow(() -> foreign(files, "of nobody knows whom"));
    if (!marker.cluster.equals(cluster) || !marker.member.equals(member)) {
      throw foreign(files, "of member " + marker.member + " of cluster " + marker.cluster);
    }
    String version = Files.readString(files.data().resolve("PG_VERSION")).strip();
    if (!version.equals(postgresMajor)) {
      throw foreign(
          files,
          "of PostgreSQL " + version + ", and PostgreSQL " + postgresMajor + " is installed");
    }
    return true;
  }

  /** There is data of the member, whole, half made or put aside. */
  static boolean anything(MemberFiles files) throws IOException {
    return Files.exists(files.data()) || !putAsideDirectories(files).isEmpty();
  }

  Optional<Marker> marker(MemberFiles files) throws IOException {
    if (!Files.exists(files.marker())) {
      return Optional.empty();
    }
    Properties p = new Properties();
    p.load(new StringReader(Files.readString(files.marker())));
    return Optional.of(
        new Marker(
            p.getProperty("cluster", "?"),
            p.getProperty("member", "?"),
            p.getProperty("postgres.major", "?"),
            p.getProperty("system.identifier", "?"),
            Boolean.parseBoolean(p.getProperty("made.anew"))));
  }

  /** Names the owner of the data directory that is put in place next. */
  void mark(MemberFiles files, String member, String systemIdentifier, boolean madeAnew)
      throws IOException {
    user.write(
        files.marker(),
        "cluster="
            + cluster
            + "\nmember="
            + member
            + "\npostgres.major="
            + postgresMajor
            + "\nsystem.identifier="
            + systemIdentifier
            + "\nmade.anew="
            + madeAnew
            + "\n");
  }

  /**
   * Makes room for a new data directory; the old one is kept until {@link #forgetPutAside}. What
   * took its place since was a copy that never streamed, and is removed.
   */
  void putAside(MemberFiles files) throws IOException {
    if (!putAsideDirectories(files).isEmpty()) {
      ServerUser.remove(files.data());
    } else if (Files.exists(files.data())) {
      Files.move(files.data(), files.home().resolve("data.old-1"));
    }
  }

  private static List<Path> putAsideDirectories(MemberFiles files) throws IOException {
    List<Path> old = new ArrayList<>();
    if (Files.exists(files.home())) {
      try (DirectoryStream<Path> found = Files.newDirectoryStream(files.home(), PUT_ASIDE)) {
        found.forEach(old::add);
      }
    }
    return old;
  }

  static void forgetPutAside(MemberFiles files) throws IOException {
    for (Path old : putAsideDirectories(files)) {
      ServerUser.remove(old);
    }
  }

  private static IllegalStateException foreign(MemberFiles files, String whose) {
    return new IllegalStateException(
        "the data directory "
            + files.data()
            + " is "
            + whose
            + ": it is left alone; move it away, or use another state directory");
  }
}
